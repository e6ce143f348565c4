"""Agents in one row each, for people who watch many: a crossing into tasks, workflows and costs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.statuses import AgentStatus, TaskKind, TaskStatus
from hephaestus_core.db.base import WordOf
from hephaestus_core.db.engine import Database

#: Live agents that are read at once. Slots bound their number long before.
MOST_LIVE: Final = 1000

_ROW: Final = """
    SELECT a.id, a.task_id, t.title AS task, t.status AS task_status, t.kind,
           a.workflow_id, coalesce(nullif(w.title, ''), w.definition_id) AS workflow,
           w.deletion_asked_at IS NOT NULL AS workflow_deleted,
           p.name AS phase, a.attempt, a.host, a.program, a.model, a.status, a.started_at,
           a.ended_at, a.failure_class, left(a.failure_reason, 300) AS failure_reason,
           a.fine_until, a.fine_by,
           s.looked_at, s.verdict, s.evidence, s.last_tool, s.last_line, s.silent_since,
           coalesce(s.repeats, 0),
           coalesce(u.tokens, 0)::bigint, coalesce(u.dollars, 0)::float,
           coalesce(u.unpriced, 0)::bigint
    FROM agents a
    JOIN tasks t ON t.id = a.task_id
    JOIN workflows w ON w.id = a.workflow_id
    LEFT JOIN phases p ON p.workflow_id = t.workflow_id AND p.phase_id = t.phase_id
    LEFT JOIN agent_watches s ON s.agent_id = a.id
    LEFT JOIN LATERAL (
        SELECT sum(input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens)
                   AS tokens, sum(dollars) AS dollars, sum(unpriced_tokens) AS unpriced
        FROM used_sums WHERE agent_id = a.id
    ) u ON true
"""
_WORDS: Final[dict[str, Any]] = {
    "status": WordOf(AgentStatus),
    "task_status": WordOf(TaskStatus),
    "kind": WordOf(TaskKind),
}
_LIVE: Final = text(f"""{_ROW}
    WHERE a.ended_at IS NULL ORDER BY a.started_at, a.id LIMIT :most
""").columns(**_WORDS)
_ONE: Final = text(f"{_ROW} WHERE a.id = :agent_id").columns(**_WORDS)
_SOME: Final = text(f"{_ROW} WHERE a.id = ANY(:agent_ids)").columns(**_WORDS)
_HOSTS: Final = text("""
    SELECT id, host FROM agents WHERE id = ANY(:agent_ids) AND ended_at IS NULL
""")
_ENDED: Final = text(f"""{_ROW}
    WHERE a.ended_at IS NOT NULL
      AND (CAST(:workflow_id AS uuid) IS NULL OR a.workflow_id = :workflow_id)
      AND (CAST(:at AS timestamptz) IS NULL
           OR (a.started_at, a.id) < (CAST(:at AS timestamptz), CAST(:after AS uuid)))
    ORDER BY a.started_at DESC, a.id DESC LIMIT :most
""").columns(**_WORDS)

Cursor = tuple[datetime, UUID]


@dataclass(frozen=True)
class AgentRow:
    """An agent with the names of what it works at, its newest observation and its use.

    The fields are the columns of ``_ROW``, in the same order.
    """

    id: UUID
    task_id: UUID
    task: str
    task_status: TaskStatus
    kind: TaskKind
    workflow_id: UUID
    workflow: str
    workflow_deleted: bool
    """Its rows go within minutes, this one among them."""
    phase: str | None
    attempt: int
    host: str
    program: str
    model: str | None
    status: AgentStatus
    started_at: datetime
    ended_at: datetime | None
    failure_class: str | None
    failure_reason: str | None
    fine_until: datetime | None
    fine_by: str | None
    looked_at: datetime | None
    """When the Guardian looked at it last; None: it has not yet."""
    verdict: str | None
    evidence: list[str] | None
    last_tool: str | None
    last_line: str | None
    silent_since: datetime | None
    repeats: int
    tokens: int
    dollars: float
    """As far as prices are known."""
    unpriced_tokens: int


def live_rows(db: Database, *, most: int = MOST_LIVE) -> list[AgentRow]:
    """Return the live agents in the order in which they started, at most so many."""
    with db.reading() as session:
        return [AgentRow(*each) for each in session.execute(_LIVE, {"most": most})]


def rows_of(db: Database, agent_ids: Collection[UUID]) -> list[AgentRow]:
    """Return the rows of these agents, live or ended, in the given order."""
    if not agent_ids:
        return []
    with db.reading() as session:
        found = session.execute(_SOME, {"agent_ids": list(agent_ids)})
        rows = {each.id: AgentRow(*each) for each in found}
    return [rows[agent_id] for agent_id in agent_ids if agent_id in rows]


def live_hosts(db: Database, agent_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the hosts of those of the agents that are live."""
    if not agent_ids:
        return {}
    with db.reading() as session:
        found = session.execute(_HOSTS, {"agent_ids": list(agent_ids)})
        return {row.id: row.host for row in found}


def ended_rows(
    db: Database, *, workflow_id: UUID | None = None, limit: int = 50, cursor: Cursor | None = None
) -> tuple[list[AgentRow], Cursor | None]:
    """Return a page of ended agents, newest first, and the cursor of the next page."""
    at, after = cursor or (None, None)
    given = {"workflow_id": workflow_id, "at": at, "after": after, "most": limit + 1}
    with db.reading() as session:
        rows = [AgentRow(*each) for each in session.execute(_ENDED, given)]
    shown = rows[:limit]
    return shown, (shown[-1].started_at, shown[-1].id) if len(rows) > limit else None


def row_of(session: Session, agent_id: UUID) -> AgentRow:
    """Return the row of one agent; joins the open session.

    Raises:
        NotFound: there is none with this id.
    """
    found = session.execute(_ONE, {"agent_id": agent_id}).first()
    if found is None:
        raise NotFound(f"No agent {agent_id}; list the agents to see their ids.", field="agent_id")
    return AgentRow(*found)
