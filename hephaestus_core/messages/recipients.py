"""Agents for whom messages wait: a crossing into the table of agents."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.db.engine import Database
from hephaestus_core.messages.rules import MOST_PASTES, RECEIVING
from hephaestus_core.workflows import store as workflows

_RECIPIENTS: Final = text("""
    SELECT id FROM (
        SELECT DISTINCT ON (a.id) a.id, m.not_before
        FROM messages m JOIN agents a ON a.task_id = m.task_id
        WHERE m.delivered_at IS NULL AND NOT m.mailbox_only
          AND CASE WHEN m.recipient_agent_id = a.id THEN m.pastes < :most
                   ELSE NOT m.attempt_only END
          AND a.host = :host AND a.ended_at IS NULL AND a.status = ANY(:receiving)
        ORDER BY a.id, m.interrupts DESC, m.created_at
    ) AS first WHERE not_before IS NULL OR not_before <= now()
""")

_AT_WORK: Final = text("""
    SELECT a.id FROM agents a JOIN tasks t ON t.id = a.task_id
    WHERE a.workflow_id = :workflow_id AND a.ended_at IS NULL
      AND (CAST(:phase_id AS bigint) IS NULL OR t.phase_id = :phase_id)
    ORDER BY a.started_at, a.id
""")


def at_work(session: Session, workflow_id: UUID, phase_id: int | None) -> list[UUID]:
    """Return the live agents of a workflow, or those at tasks of one of its phases.

    Raises:
        InvalidInput: the workflow has no such phase.
    """
    if phase_id is not None:
        workflows.phase(session, workflow_id, phase_id)
    given = {"workflow_id": workflow_id, "phase_id": phase_id}
    return list(session.scalars(_AT_WORK, given))


def recipients_on(db: Database, host: str) -> list[UUID]:
    """Return the live agents of ``host`` to whom the oldest message is due."""
    values = {"host": host, "most": MOST_PASTES, "receiving": list(RECEIVING)}
    with db.reading() as session:
        return list(session.scalars(_RECIPIENTS, values))
