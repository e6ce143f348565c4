"""The commands that talk to a stack, for registration with the command line's root."""

import click

from hephaestus_sdk.cli import agents, tasks, workflows

COMMANDS: list[click.Command] = [*workflows.COMMANDS, *tasks.COMMANDS, *agents.COMMANDS]
