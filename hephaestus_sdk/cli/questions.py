"""Commands about the questions of agents."""

from typing import Any

import click

from hephaestus_core.contract.statuses import QuestionStatus
from hephaestus_sdk.api.question_views import Question
from hephaestus_sdk.cli.connection import connect, json_option, stack_options
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import Command, show_fields, show_json
from hephaestus_sdk.cli.tables import NONE


@click.command(cls=Command)
@click.option("--workflow", "workflow_id", help="Only questions of this workflow.")
@click.option("--all", "every", is_flag=True, help="Also those that are no longer open.")
@json_option
@stack_options
def questions(workflow_id: str | None, every: bool, as_json: bool, **stack: Any) -> None:
    """List the questions that agents ask people, newest first."""
    with connect(**stack) as client:
        found = client.questions(workflow_id=workflow_id, status=None if every else "open")
    if as_json:
        show_json(found)
        return
    if not found:
        click.echo(NONE, err=True)
    for number, question in enumerate(found):
        if number:
            click.echo()
        _show(question)


@click.command(cls=Command)
@click.argument("question_id")
@click.argument("answer")
@json_option
@stack_options
def answer(question_id: str, answer: str, as_json: bool, **stack: Any) -> None:
    """Answer the question of an agent: ANSWER is a text, or the number of one of its options."""
    with connect(**stack) as client:
        asked = client.question(question_id)
        number = _option(asked, answer)
        answered = client.answer(asked.id, answer if number is None else None, option=number)
    show_json(answered) if as_json else click.echo(f"answered: {plain(answered.answer or '')}")


def _option(question: Question, answer: str) -> int | None:
    """Return the number of the option that is meant; None for an answer in words."""
    number = int(answer) if answer.isdecimal() else 0
    return number if 1 <= number <= len(question.options) else None


def _show(question: Question) -> None:
    options = {f"option {number}": text for number, text in enumerate(question.options, start=1)}
    show_fields(
        {
            "id": question.id,
            "status": question.status,
            "task": question.task_id,
            "question": " ".join(question.text.split()),  # of many lines only the first is shown
            **options,
            "asked": question.asked_at,
            "expires": question.expires_at if question.status == QuestionStatus.OPEN else None,
            "answer": question.answer,
            "answered by": question.answered_by,
        }
    )
