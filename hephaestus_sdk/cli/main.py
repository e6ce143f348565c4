"""The command ``hephaestus``: a table of contents. Each command is loaded when it is used."""

import sys
from importlib import import_module

import click

from hephaestus_core.errors import HephaestusError

#: Command: where it is defined. Their modules import no more than click before they run.
COMMANDS = {
    "up": "hephaestus_sdk.cli.stack:up",
    "down": "hephaestus_sdk.cli.stack:down",
    "status": "hephaestus_sdk.cli.stack:status",
    "logs": "hephaestus_sdk.cli.stack:logs",
    "doctor": "hephaestus_sdk.cli.doctor:doctor",
    "run": "hephaestus_sdk.cli.workflows:run",
    "launch": "hephaestus_sdk.cli.workflows:launch",
    "watch": "hephaestus_sdk.cli.workflows:watch",
    "workflows": "hephaestus_sdk.cli.workflows:workflows",
    "workflow": "hephaestus_sdk.cli.workflows:workflow",
    "stop": "hephaestus_sdk.cli.workflows:stop",
    "approve": "hephaestus_sdk.cli.workflows:approve",
    "definitions": "hephaestus_sdk.cli.workflows:definitions",
    "register": "hephaestus_sdk.cli.workflows:register",
    "submit": "hephaestus_sdk.cli.tasks:submit",
    "tasks": "hephaestus_sdk.cli.tasks:tasks",
    "task": "hephaestus_sdk.cli.tasks:task",
    "queue": "hephaestus_sdk.cli.tasks:queue",
    "cancel": "hephaestus_sdk.cli.tasks:cancel",
    "restart": "hephaestus_sdk.cli.tasks:restart",
    "bump": "hephaestus_sdk.cli.tasks:bump",
    "agents": "hephaestus_sdk.cli.agents:agents",
    "attach": "hephaestus_sdk.cli.agents:attach",
    "output": "hephaestus_sdk.cli.agents:output",
    "message": "hephaestus_sdk.cli.agents:message",
    "hosts": "hephaestus_sdk.cli.agents:hosts",
    "drain": "hephaestus_sdk.cli.agents:drain",
}

_EPILOG = """\b
Exit codes: 0 done · 1 other fault · 2 settings or command line · 3 port in use ·
4 home folder unusable · 5 program or package missing or too old · 6 server unreachable ·
7 did not start in time · 8 database of another version · 9 not running or not healthy
"""


class _Commands(click.Group):
    """Loads commands by the table, and turns refusals into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HephaestusError as error:
            # Only now: a command that works never pays for it.
            from hephaestus_sdk.runtime.errors import exit_code

            click.echo(f"hephaestus: {error}", err=True)
            sys.exit(exit_code(error))


@click.command(
    cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
def main() -> None:
    """Run teams of AI coding agents on a task queue that loses no work."""


if __name__ == "__main__":
    main()
