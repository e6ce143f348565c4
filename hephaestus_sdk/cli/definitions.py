"""Commands about workflow definitions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.launch_options import read_parameters
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.playing import play
from hephaestus_sdk.cli.report import Command, CommandGroup, ExitCode, show_json
from hephaestus_sdk.cli.tables import show_table
from hephaestus_sdk.definitions.advice.checking import Advice, advise
from hephaestus_sdk.definitions.loading import load_definition
from hephaestus_sdk.definitions.yaml_form import yaml_form
from hephaestus_sdk.errors import InvalidInput


@click.group(cls=CommandGroup)
@json_option
@stack_options
@click.pass_context
def definitions(context: click.Context, /, as_json: bool, **stack: Any) -> None:
    """List the workflow definitions that can be launched."""
    if context.invoked_subcommand is not None:
        return
    with connect(**stack) as client:
        found = client.definitions(offered_only=True)
    if as_json:
        show_json([item.to_dict() for item in found])
        return
    show_table(
        ("id", "name", "phases", "description"),
        [(d.id, d.name, ", ".join(p.name for p in d.phases), d.description) for d in found],
        none="there are none; `hephaestus register` adds one",
    )


@definitions.command(cls=Command)
@click.argument("definition_id", metavar="DEFINITION")
@json_option
@stack_options
def delete(definition_id: str, as_json: bool, **stack: Any) -> None:
    """Delete a definition; its workflows continue with the phases that they were started with."""
    with connect(**stack) as client:
        deleted = client.delete_definition(definition_id)
    show_json(deleted.to_dict()) if as_json else click.echo(f"{deleted.id} is deleted")


@definitions.command(cls=Command)
@click.argument("target")
@click.option("--play", "plays", is_flag=True, help="Build every prompt too, with sample values.")
@click.option(
    "--scripts",
    "project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Play the workflow on a copy of this project, by the scripts in its folder agents/.",
)
@click.option(
    "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A launch parameter to play."
)
@click.option(
    "--timeout", type=float, default=300.0, show_default=True, help="Seconds for playing it."
)
@json_option
def check(
    *,
    target: str,
    plays: bool,
    project: Path | None,
    parameters: tuple[str, ...],
    timeout: float,
    as_json: bool,
) -> None:
    """Check the definition in TARGET without a stack: errors, and texts that agents may misread.

    TARGET is as for register. Errors end the command with status 2. With --play, prompts of more
    than 4,000 tokens and a run that does not reach its goal end it with status 1.
    """
    definition = loaded(target)
    found = advise(definition, target)
    sound = not any(each.level == "error" for each in found)
    if not as_json:
        _show(found)
    played = None
    if sound and (plays or project is not None):
        given = read_parameters(parameters)
        played = play(definition, given, project=project, timeout=timeout)
        if not as_json:
            played.show()
    if as_json:
        show_json(found if played is None else {"advice": found, **played.to_dict()})
    if not sound:
        raise SystemExit(ExitCode.BAD_INPUT)
    if played is not None and not played.well:
        raise SystemExit(ExitCode.NOT_WELL)


@definitions.command(cls=Command)
@click.argument("target")
def export(target: str) -> None:
    """Print the definition in TARGET as YAML, for a file that can be edited and registered.

    TARGET is as for register, such as the shipped bug-fix. No stack is needed.
    """
    click.echo(yaml_form(loaded(target)), nl=False)


@click.command(cls=Command)
@click.argument("target")
@json_option
@stack_options
def register(target: str, as_json: bool, **stack: Any) -> None:
    """Register the definition in TARGET: a Python, YAML or JSON file, a folder of phases, a
    module, or a shipped workflow such as bug-fix.
    """
    definition = replace(loaded(target), offered=True)
    with connect(**stack) as client:
        saved = client.register(definition)
    show_json(saved.to_dict()) if as_json else click.echo(saved.id)


def loaded(target: str) -> WorkflowDefinition:
    """Return the definition that ``target`` names.

    Raises:
        InvalidInput: it names none.
    """
    found = load_definition(target)
    if found is None:
        raise InvalidInput(
            f"{target} is no file, folder, module or shipped workflow; check the path",
            field="target",
        )
    return found


def _show(found: list[Advice]) -> None:
    for each in found:
        line = "" if each.line is None else f":{each.line}"
        place = f"{each.file}{line}: " if each.file else ""
        click.echo(plain(f"{place}{each.level}: {each.place}: {each.says}"))
    errors = sum(each.level == "error" for each in found)
    click.echo(f"{errors} errors, {len(found) - errors} warnings")
