"""Agents for whom messages wait: a crossing into the table of agents."""

from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.messages.rules import MOST_PASTES, RECEIVING

_RECIPIENTS: Final = text("""
    SELECT id FROM (
        SELECT DISTINCT ON (a.id) a.id, m.not_before
        FROM messages m JOIN agents a ON a.task_id = m.task_id
        WHERE m.delivered_at IS NULL
          AND CASE WHEN m.recipient_agent_id = a.id THEN m.pastes < :most
                   ELSE NOT m.attempt_only END
          AND a.host = :host AND a.ended_at IS NULL AND a.status = ANY(:receiving)
        ORDER BY a.id, m.created_at
    ) AS first WHERE not_before IS NULL OR not_before <= now()
""")


def recipients_on(db: Database, host: str) -> list[UUID]:
    """Return the live agents of ``host`` to whom the oldest message is due."""
    values = {"host": host, "most": MOST_PASTES, "receiving": list(RECEIVING)}
    with db.reading() as session:
        return list(session.scalars(_RECIPIENTS, values))
