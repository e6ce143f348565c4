"""Commands about reviews of work."""

from typing import Any

import click

from hephaestus_core.contract.statuses import ReviewStatus
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_json
from hephaestus_sdk.cli.tables import NONE, show_table


@click.command(cls=Command)
@click.option("--workflow", "workflow_id", help="Only reviews of this workflow.")
@click.option("--task", "task_id", help="Only reviews of this task.")
@click.option("--status", help="Only reviews with this status, e.g. person_review.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@json_option
@stack_options
def reviews(
    *,
    workflow_id: str | None,
    task_id: str | None,
    status: str | None,
    limit: int,
    as_json: bool,
    **stack: Any,
) -> None:
    """List reviews of work, newest first; those in person_review wait for you."""
    with connect(**stack) as client:
        found = client.reviews(workflow_id=workflow_id, task_id=task_id, status=status, limit=limit)
    if as_json:
        show_json(found)
        return
    show_table(
        ("task", "status", "review", "commit", "checks", "says"),
        [
            (r.task_id, r.status, r.iteration, r.commit[:12], _checks(r.checks), _says(r))
            for r in found
        ],
        spare=("review", "commit"),
        none=NONE,
    )


@click.command(cls=Command)
@click.argument("task_id", metavar="TASK")
@click.option("--pass", "passed", is_flag=True, help="The work counts as done and is merged.")
@click.option("--fail", "feedback", metavar="TEXT", help="The work is done again, with this TEXT.")
@click.option(
    "--commit", default="", help="The commit that you looked at; refused if it is another by now."
)
@json_option
@stack_options
def review(
    *,
    task_id: str,
    passed: bool,
    feedback: str | None,
    commit: str,
    as_json: bool,
    **stack: Any,
) -> None:
    """Judge the work of TASK, or without a verdict show its reviews with their checks."""
    if passed and feedback is not None:
        raise click.UsageError("give either --pass or --fail, not both")
    with connect(**stack) as client:
        if passed or feedback is not None:
            judged = client.review_task(
                task_id, passed=passed, feedback=feedback or "", commit=commit
            )
            show_json(judged) if as_json else click.echo(f"the review is {judged.status}")
            return
        found = client.reviews(task_id=task_id)
    if as_json:
        show_json(found)
        return
    for one in found:
        click.echo(f"review {one.iteration} of {one.commit[:12]}: {one.status}. {_says(one)}")
        for check in one.checks:
            click.echo(f"  {check.status}: {plain(check.name)} {plain(check.says)}".rstrip())


def _checks(outcomes: tuple[Any, ...]) -> str:
    good = sum(outcome.status == ReviewStatus.PASSED for outcome in outcomes)
    return f"{good} of {len(outcomes)} passed" if outcomes else ""


def _says(review: Any) -> str:
    words = " ".join((review.feedback or review.reason or "").split())
    return plain(words[:200])
