"""The command ``hephaestus``: a table of contents. Each command is loaded when it is used."""

import sys
from importlib import import_module
from textwrap import fill

import click

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_sdk.cli.suggestions import SuggestingGroup

_STACK = "hephaestus_sdk.cli.stack"
_DEFINITIONS = "hephaestus_sdk.cli.definitions"
_WORKFLOWS = "hephaestus_sdk.cli.workflows"
_TASKS = "hephaestus_sdk.cli.tasks"
_RESULTS = "hephaestus_sdk.cli.results"
_REVIEWS = "hephaestus_sdk.cli.reviews"
_AGENTS = "hephaestus_sdk.cli.agents"
_QUESTIONS = "hephaestus_sdk.cli.questions"
_ATTENTION = "hephaestus_sdk.cli.inbox"
_ACCESS = "hephaestus_sdk.cli.access"
_HOSTS = "hephaestus_sdk.cli.hosts"
_MEMORIES = "hephaestus_sdk.cli.memories"
_VECTORS = "hephaestus_sdk.cli.vectors"

#: Heading: command: where it is defined, and what it does. The text stands here too, so that
#: ``--help`` need not load what the commands are made of.
CONTENTS = {
    "The local stack": {
        "dev": (
            "hephaestus_sdk.cli.dev",
            "Make a project ready and run a stack with all shipped workflows for it.",
        ),
        "up": (_STACK, "Start the local stack and wait until it is ready."),
        "down": (_STACK, "Stop the local stack; the work of its agents is saved."),
        "status": (_STACK, "Show the processes of the local stack."),
        "logs": (_STACK, "Show the logs of the newest session."),
        "doctor": ("hephaestus_sdk.cli.doctor", "Check the requirements of a stack."),
        "config": ("hephaestus_sdk.cli.settings", "Show the settings."),
    },
    "What waits for you": {
        "open": ("hephaestus_sdk.cli.opening", "Open the browser at a thing, logged in."),
        "inbox": (_ATTENTION, "List what waits for you or stands still, and settle it."),
        "questions": (_QUESTIONS, "List the questions of agents that wait for an answer."),
        "answer": (_QUESTIONS, "Answer the question of an agent."),
    },
    "Workflows": {
        "run": (_WORKFLOWS, "Run a workflow to its end."),
        "launch": (_WORKFLOWS, "Start a workflow on the running stack."),
        "watch": (_WORKFLOWS, "Print events as they come."),
        "tui": (
            "hephaestus_sdk.cli.tui",
            "Show what waits, workflows, tasks and agents live, and act on them.",
        ),
        "workflows": (_WORKFLOWS, "List workflows."),
        "workflow": (_WORKFLOWS, "Show one workflow, or delete it."),
        "stop": (_WORKFLOWS, "Stop a workflow."),
        "approve": (_WORKFLOWS, "Approve the delivery of a workflow to its base branch."),
        "send-back": (_WORKFLOWS, "Send work that waits for its delivery back to be mended."),
        "limits": (_WORKFLOWS, "Show the limits of a workflow, or change them."),
        "facts": (
            "hephaestus_sdk.cli.facts",
            "Show what is known of a workflow's repository, or correct it.",
        ),
        "files": (
            "hephaestus_sdk.cli.files",
            "List the files that a workflow's tasks changed, and who changed one.",
        ),
        "broadcast": (_WORKFLOWS, "Send a text to every agent of a workflow."),
        "definitions": (_DEFINITIONS, "List workflow definitions; check, export or delete one."),
        "register": (_DEFINITIONS, "Register a workflow definition."),
    },
    "Tasks": {
        "submit": (_TASKS, "Create a task."),
        "tasks": (_TASKS, "List tasks."),
        "task": (_TASKS, "Show one task with its attempts."),
        "timeline": (_TASKS, "Print the events of a task."),
        "diff": (_TASKS, "Print the changes of a task or a workflow."),
        "commits": (_TASKS, "List the commits of a task."),
        "queue": (_TASKS, "Show the tasks that wait for a free slot."),
        "cancel": (_TASKS, "Cancel a task."),
        "duplicate": (_TASKS, "Withdraw a task whose work another one does."),
        "not-duplicate": (_TASKS, "Let a duplicate run after all."),
        "restart": (_TASKS, "Put an ended task back into the queue."),
        "bump": (_TASKS, "Start a queued task at once."),
        "results": (_RESULTS, "List the results of a workflow, and save their files."),
        "judge": (_RESULTS, "Accept or reject a result."),
        "reviews": (_REVIEWS, "List reviews of work."),
        "review": (_REVIEWS, "Judge the work of a task."),
    },
    "Agents and hosts": {
        "agents": (_AGENTS, "List agents; show, stop or restart one, or call it fine."),
        "attach": (_AGENTS, "Join an agent's terminal, on the agent's machine."),
        "output": (_AGENTS, "Print the output of an agent's terminal."),
        "message": (_AGENTS, "Send a text to an agent."),
        "messages": (_AGENTS, "List messages to agents with their receipts."),
        "interventions": (
            "hephaestus_sdk.cli.interventions",
            "List what the Guardian has done about agents, or undo it.",
        ),
        "notify": (
            "hephaestus_sdk.cli.notifications",
            "Show the channels that notifications go to, or test them.",
        ),
        "guardian": (
            "hephaestus_sdk.cli.guardian",
            "Show how good the Guardian's judgements were.",
        ),
        "hosts": (_HOSTS, "List hosts, or label one."),
        "drain": (_HOSTS, "Stop starting agents on a host."),
        "coherence": (
            "hephaestus_sdk.cli.coherence",
            "Show how the agents of a workflow get along.",
        ),
        "diagnoses": (
            "hephaestus_sdk.cli.diagnoses",
            "Show what agents found out about why a workflow stands still.",
        ),
        "budgets": (
            "hephaestus_sdk.cli.budgets",
            "List the most that agents may use; set, raise, remove.",
        ),
        "costs": ("hephaestus_sdk.cli.costs", "Show what agents have used, in tokens and dollars."),
    },
    "What agents know": {
        "memories": (_MEMORIES, "List what agents have learned; search, change, export, import."),
        "vectors": (_VECTORS, "Show how searches by meaning stand."),
        "reindex": (_VECTORS, "Have vectors made anew, or their copy in Qdrant."),
    },
    "Other programs": {
        "mcp": ("hephaestus_sdk.cli.mcp", "Serve the tools to a program over stdio."),
    },
    "Access": {
        "login-link": ("hephaestus_sdk.cli.login", "Print a link that logs a browser in."),
        "token": (_ACCESS, "Make, list and revoke tokens."),
        "audit": (_ACCESS, "List the changes, with the token behind each."),
    },
}

PLACES = {name: place for part in CONTENTS.values() for name, (place, _) in part.items()}

EXIT_CODES = {
    0: "done",
    1: "the work did not end well, or another fault",
    2: "settings or command line",
    3: "port in use",
    4: "home folder unusable",
    5: "program or package missing or too old",
    6: "server unreachable",
    7: "did not start in time",
    8: "database of another version",
    9: "not running or not healthy",
    10: "not found",
    11: "not allowed",
    12: "the state does not allow this",
    13: "a budget is spent",
    124: "a wait ran out",
    130: "interrupted",
    143: "terminated",
}


def _epilog() -> str:
    """Return the exit codes as lines that break between codes only."""
    codes = (f"{code} {told}".replace(" ", "\xa0") for code, told in EXIT_CODES.items())
    return "\b\n" + fill(f"Exit codes: {' · '.join(codes)}", 76).replace("\xa0", " ")


class _Commands(SuggestingGroup):
    """Loads commands by the table, and turns refusals into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(PLACES)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in PLACES:
            return None
        module = import_module(PLACES[cmd_name])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        formatter: click.HelpFormatter,
    ) -> None:
        width = max(map(len, PLACES))
        for heading, part in CONTENTS.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:{width}}", text) for name, (_, text) in part.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HephaestusError as error:
            # Only now: a command that works never pays for it.
            from hephaestus_sdk.cli.wording import told
            from hephaestus_sdk.runtime.errors import exit_code

            click.echo(f"hephaestus: {told(error)}", err=True)
            sys.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("hephaestus: interrupted", err=True)
            sys.exit(130)


@click.command(
    cls=_Commands, epilog=_epilog(), context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="hephaestus", message="hephaestus %(version)s")
def main() -> None:
    """Run teams of AI coding agents on a task queue that loses no work."""


if __name__ == "__main__":
    main()
