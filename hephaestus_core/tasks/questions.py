"""The open questions of tasks that end: a crossing into the table of another capability."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.events.log import emit

_CANCEL: Final = text("""
    WITH open AS (
        SELECT id FROM questions WHERE task_id = ANY(:task_ids) AND status = 'open'
        ORDER BY id FOR UPDATE
    )
    UPDATE questions q SET status = 'cancelled', ended_at = now() FROM open WHERE q.id = open.id
    RETURNING q.id, q.workflow_id, q.task_id, q.agent_id
""")


def cancel_questions(session: Session, task_ids: Collection[UUID]) -> None:
    """Cancel the open questions of locked tasks, since nobody needs an answer any more."""
    for question in session.execute(_CANCEL, {"task_ids": list(task_ids)}):
        emit(
            session,
            EventType.QUESTION_CANCELLED,
            workflow_id=question.workflow_id,
            task_id=question.task_id,
            agent_id=question.agent_id,
            question_id=str(question.id),
        )
