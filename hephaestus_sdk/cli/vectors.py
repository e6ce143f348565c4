"""Commands about searches by meaning."""

from typing import Any

import click

from hephaestus_sdk.api.vector_views import VectorState
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.tables import show_table


@click.command(cls=Command)
@json_option
@stack_options
def vectors(as_json: bool, **stack: Any) -> None:
    """Show how searches by meaning stand."""
    with connect(**stack) as client:
        _show(client.vectors(), as_json=as_json)


@click.command(cls=Command)
@click.argument("target", type=click.Choice(["all", "vectors", "copy"]), default="all")
@json_option
@stack_options
def reindex(target: str, as_json: bool, **stack: Any) -> None:
    """Have vectors made anew, or their copy in Qdrant; searches go on meanwhile."""
    with connect(**stack) as client:
        _show(client.reindex(target), as_json=as_json)


def _show(state: VectorState, *, as_json: bool) -> None:
    if as_json:
        show_json(state)
        return
    for line in lines_of(state):
        click.echo(plain(line))
    show_table(
        ("texts of", "texts", "waiting", "copy behind", "copy trouble"),
        [
            (
                each.name,
                each.texts,
                each.waiting,
                "" if each.copy_behind is None else each.copy_behind,
                each.copy_trouble or "",
            )
            for each in state.collections
        ],
    )


def lines_of(state: VectorState) -> list[str]:
    """Return how searches stand, in lines for people."""
    if state.embedder is None:
        return ["no server has been started with an embedder yet"]
    lines = [f"{state.embedder} makes vectors; {state.answered_by} answers"]
    if not state.complete and state.answering != state.embedder:
        lines.append(f"until all texts are read, the vectors of {state.answering} are searched")
    if state.trouble:
        lines.append(f"no vectors are made: {state.trouble}")
    return lines
