"""The command ``costs``: what models have cost."""

from typing import Any

import click

from hephaestus_core.contract.money import in_dollars
from hephaestus_sdk.api.cost_views import Spending, SpendingRow
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.tables import show_table


@click.command(cls=Command)
@click.option(
    "--by",
    type=click.Choice(["day", "workflow", "model"]),
    default="day",
    show_default=True,
    help="What each row is about.",
)
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True)
@click.option("--workflow", "workflow_id", help="Only of this workflow.")
@json_option
@stack_options
def costs(*, by: str, days: int, workflow_id: str | None, as_json: bool, **stack: Any) -> None:
    """Show what agents have used, in tokens and dollars."""
    with connect(**stack) as client:
        found = client.costs(by=by, days=days, workflow_id=workflow_id)
    if as_json:
        show_json(found)
        return
    show_table(
        (by, "dollars", "turns", "input", "cached", "output", "unpriced"),
        [_row(row) for row in (*found.rows, found.total)],
        spare=("turns", "cached"),
    )
    for line in _remarks(found):
        click.echo(line)


def _row(row: SpendingRow) -> tuple[Any, ...]:
    return (
        row.title or row.key or "-",
        in_dollars(row.dollars),
        row.turns,
        row.input_tokens,
        row.cache_read_tokens + row.cache_creation_tokens,
        row.output_tokens,
        row.unpriced_tokens,
    )


def _remarks(found: Spending) -> list[str]:
    own = found.own_calls
    lines = [f"the last line is the sum since {found.since:%Y-%m-%d}"] if found.since else []
    if found.total.unpriced_tokens or own.unpriced_tokens:
        lines.append("unpriced tokens are of models without a known price; set costs.prices")
    if own.calls:
        unpriced = f" ({own.unpriced_tokens:,} unpriced)" if own.unpriced_tokens else ""
        calls = "1 call" if own.calls == 1 else f"{own.calls} calls"
        used = f"{calls} with {own.tokens:,} tokens{unpriced}, {in_dollars(own.dollars)}"
        lines.append(f"beside agents, the system itself made {used}")
    return lines
