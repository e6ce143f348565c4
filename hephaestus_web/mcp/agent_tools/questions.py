"""The tool by which an agent asks a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hephaestus_core.contract.statuses import QuestionStatus
from hephaestus_core.questions.asking import ask
from hephaestus_core.questions.views import QuestionView
from hephaestus_web.mcp.identity import CallContext, agent_door
from hephaestus_web.mcp.shapes import NextStep, Texts


@dataclass(frozen=True)
class Asked:
    """A question, and its answer if there is one already."""

    question_id: UUID
    status: QuestionStatus
    answer: str | None
    answered_by: str | None
    expires_at: datetime
    next_step: NextStep


def ask_person(
    context: CallContext,
    question: Annotated[str, Field(description="All that one must know to answer it.")],
    options: Annotated[Texts, Field(description="Answers to choose from; none: any text.")] = [],  # noqa: B006 - pydantic copies it
    wait: Annotated[
        bool, Field(description="End now and go on with the answer; else go on meanwhile.")
    ] = False,
) -> Asked:
    """Ask a person."""
    own = agent_door(context)
    hours = own.wiring.settings.question_hours
    asked = ask(own.database, own.agent_id, question, options=options, wait=wait, hours=hours)
    return Asked(
        question_id=asked.id,
        status=asked.status,
        answer=asked.answer,
        answered_by=asked.answered_by,
        expires_at=asked.expires_at,
        next_step=_next_step(asked, wait=wait),
    )


def _next_step(asked: QuestionView, *, wait: bool) -> str:
    if asked.status == QuestionStatus.ANSWERED:
        return "A person has answered this before; go on with the answer."
    if asked.status == QuestionStatus.EXPIRED:
        return "Nobody answered this in time: decide yourself and say why in your summary."
    if wait:
        return (
            "Stop now and call nothing more: your work is saved and your session ends. It goes on "
            "once a person has answered."
        )
    return (
        "Go on with what does not depend on the answer, which comes as a message. Look for it with "
        "get_messages before you report."
    )
