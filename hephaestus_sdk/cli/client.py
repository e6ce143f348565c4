"""The commands that talk to a stack: their names, and where each is defined.

For the table of the command line's root, which loads a command when it is used.
"""

_WORKFLOWS = "hephaestus_sdk.cli.workflows"
_TASKS = "hephaestus_sdk.cli.tasks"
_AGENTS = "hephaestus_sdk.cli.agents"

PLACES = {
    "run": f"{_WORKFLOWS}:run",
    "launch": f"{_WORKFLOWS}:launch",
    "watch": f"{_WORKFLOWS}:watch",
    "workflows": f"{_WORKFLOWS}:workflows",
    "workflow": f"{_WORKFLOWS}:workflow",
    "stop": f"{_WORKFLOWS}:stop",
    "approve": f"{_WORKFLOWS}:approve",
    "definitions": f"{_WORKFLOWS}:definitions",
    "register": f"{_WORKFLOWS}:register",
    "submit": f"{_TASKS}:submit",
    "tasks": f"{_TASKS}:tasks",
    "task": f"{_TASKS}:task",
    "cancel": f"{_TASKS}:cancel",
    "restart": f"{_TASKS}:restart",
    "bump": f"{_TASKS}:bump",
    "queue": f"{_TASKS}:queue",
    "agents": f"{_AGENTS}:agents",
    "message": f"{_AGENTS}:message",
    "output": f"{_AGENTS}:output",
    "hosts": f"{_AGENTS}:hosts",
    "drain": f"{_AGENTS}:drain",
}
