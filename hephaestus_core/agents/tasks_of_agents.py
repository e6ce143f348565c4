"""The agents of a host beside the state of their tasks: a crossing into the table of tasks."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.db.base import WordOf

#: A host runs this every two seconds, so it is one query.
_AGENTS_OF: Final = text("""
    SELECT a.id, a.task_id, coalesce(a.worktree_id, a.id) AS worktree_id, a.fence, a.program,
           a.status, a.ended_at IS NOT NULL AS ended,
           t.agent_id = a.id AS current, t.status AS task_status,
           a.stop_requested_at IS NOT NULL AS stop_requested,
           a.checkpoint_commit AS saved_commit,
           EXISTS (SELECT FROM tasks c WHERE c.creator_agent_id = a.id AND c.status = 'pending'
                   AND c.awaits_creator)
               AS awaited
    FROM agents a JOIN tasks t ON t.id = a.task_id
    WHERE a.host = :host AND a.released_at IS NULL
      AND (CAST(:agent_id AS uuid) IS NULL OR a.id = :agent_id)
    ORDER BY a.started_at, a.id
""").columns(status=WordOf(AgentStatus), task_status=WordOf(TaskStatus))


def unreleased(session: Session, host: str, agent_id: UUID | None = None) -> list[HostAgent]:
    """Return the agents that ``host`` has not yet released, oldest first; or one of them."""
    found = session.execute(_AGENTS_OF, {"host": host, "agent_id": agent_id}).mappings()
    return [HostAgent(**{**row, "current": bool(row["current"])}) for row in found]
