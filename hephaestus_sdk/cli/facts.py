"""The command about what is known of a workflow's repository."""

from typing import Any, Final

import click

from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.tables import NONE, show_table

_FACTS: Final = ("setup_command", "test_command", "lint_command", "build_command", "notes")


@click.command(cls=Command)
@click.argument("workflow_id")
@click.option("--setup-command", help="Makes a fresh worktree ready; an empty text takes it back.")
@click.option("--test-command", help="Runs all tests.")
@click.option("--lint-command", help="Checks style.")
@click.option("--build-command", help="Builds.")
@click.option("--notes", help="What else agents have to know.")
@json_option
@stack_options
def facts(workflow_id: str, as_json: bool, **options: Any) -> None:
    """Show what is known of a workflow's repository; with options, correct it."""
    given = {name: options.pop(name) for name in _FACTS}
    with connect(**options) as client:
        if any(value is not None for value in given.values()):
            found = client.correct_facts(workflow_id, **given)
        else:
            found = client.facts(workflow_id)
    if as_json:
        show_json(found)
        return
    show_table(
        ("fact", "value", "recorded by"),
        [(fact.name, fact.value, fact.recorded_by) for fact in found],
        none=NONE,
    )
