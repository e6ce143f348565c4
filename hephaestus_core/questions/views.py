"""Questions as readers see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hephaestus_core.contract.statuses import QuestionStatus

if TYPE_CHECKING:
    from hephaestus_core.questions.models import Question


@dataclass(frozen=True)
class QuestionView:
    """A question of an agent; times are UTC."""

    id: UUID
    workflow_id: UUID
    task_id: UUID
    agent_id: UUID
    """The attempt that asked first."""
    text: str
    options: list[str]
    """The answers to choose from; empty: any text."""
    status: QuestionStatus
    answer: str | None
    answered_by: str | None
    asked_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    """When it was answered, expired or cancelled."""


def view(question: "Question") -> QuestionView:
    """Return the question as readers see it."""
    return QuestionView(
        id=question.id,
        workflow_id=question.workflow_id,
        task_id=question.task_id,
        agent_id=question.agent_id,
        text=question.text,
        options=question.options,
        status=question.status,
        answer=question.answer,
        answered_by=question.answered_by,
        asked_at=question.asked_at,
        expires_at=question.expires_at,
        ended_at=question.ended_at,
    )
