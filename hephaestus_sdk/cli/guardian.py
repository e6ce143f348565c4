"""The command ``guardian``: how good its judgements were."""

from typing import Any

import click

from hephaestus_sdk.api.guardian_views import GuardianReport, JudgedJudgement
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.suggestions import SuggestingGroup
from hephaestus_sdk.cli.tables import show_table


@click.group(cls=SuggestingGroup)
def guardian() -> None:
    """Show how good the Guardian's judgements were."""


@guardian.command(cls=Command)
@click.option("--days", type=click.IntRange(1, 30), default=7, show_default=True)
@json_option
@stack_options
def report(*, days: int, as_json: bool, **stack: Any) -> None:
    """Show how often agents made headway after a model had judged them."""
    with connect(**stack) as client:
        found = client.guardian_report(days=days)
    if as_json:
        show_json(found)
        return
    click.echo(_summary(found))
    if found.figures:
        show_table(
            ("steering", "judgements", "sent", "followed up", "headway", "no headway"),
            [
                (
                    each.steering_type or "none",
                    *(each.judgements, each.sent, each.followed, each.headway, each.no_headway),
                )
                for each in found.figures
            ],
        )
    for judged in found.sample:
        click.echo(_line(judged))


def _summary(found: GuardianReport) -> str:
    if not found.calls:
        return f"no model has judged an agent in the last {found.days} days"
    calls = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.calls.items()))
    return (
        f"calls in the last {found.days} days: {calls}\n"
        f"messages followed up: {found.steered}, with headway: {found.steered_headway}"
    )


def _line(judged: JudgedJudgement) -> str:
    came = {True: "headway", False: "no headway", None: "not known"}[judged.headway]
    kind = judged.steering_type or "no steering"
    return plain(
        f"{judged.agent_id[:8]} {kind}: {judged.focus[:120]} → {came}: {judged.afterwards}"
    )
