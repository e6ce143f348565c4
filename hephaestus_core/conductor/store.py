"""The facts of the Conductor, and its rows; every function joins the open transaction.

A crossing into the tables of agents and tasks, which it compares with each other.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.conductor.models import Coherence, TouchedLines
from hephaestus_core.conductor.rules import Member
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.contract.touched import TouchedFile
from hephaestus_core.tasks.kinds import KINDS

#: Agents whose lines a host looks up in one sweep.
_MOST_STALE: Final = 40
#: Live agents that are compared, over all workflows.
_MOST_MEMBERS: Final = 1000

_MEMBERS: Final = text("""
    SELECT a.workflow_id, a.id AS agent_id, a.task_id, left(t.title, 200) AS title, t.kind,
           t.phase_id, t.related_to, t.similarity, w.verdict, l.files
    FROM agents a JOIN tasks t ON t.id = a.task_id
    LEFT JOIN agent_watches w ON w.agent_id = a.id
    LEFT JOIN touched_lines l ON l.agent_id = a.id
    WHERE a.ended_at IS NULL AND a.status IN ('working', 'idle')
    ORDER BY a.started_at, a.id LIMIT :most
""")
#: Live agents with colleagues, whose saved work is another than the one that was looked at.
_STALE: Final = text("""
    SELECT a.id, a.base_commit, a.checkpoint_commit, w.repository
    FROM agents a JOIN workflows w ON w.id = a.workflow_id
    LEFT JOIN touched_lines l ON l.agent_id = a.id
    WHERE a.host = :host AND a.ended_at IS NULL AND a.checkpoint_commit <> a.base_commit
      AND a.checkpoint_commit IS DISTINCT FROM l.commit
      AND EXISTS (
          SELECT FROM agents b
          WHERE b.workflow_id = a.workflow_id AND b.ended_at IS NULL AND b.id <> a.id)
    ORDER BY a.id LIMIT :most
""")
_TEXTS: Final = text("""
    SELECT id, description || E'\n' || done_definition AS words FROM tasks WHERE id = ANY(:ids)
""")
_FORGET: Final = text("""
    DELETE FROM touched_lines l USING agents a WHERE a.id = l.agent_id AND a.ended_at IS NOT NULL
""")


@dataclass(frozen=True)
class Stale:
    """An agent whose changed lines are to be looked up."""

    agent_id: UUID
    base: str
    commit: str
    repository: str


def members(session: Session) -> dict[UUID, list[Member]]:
    """Return the agents at work of all workflows, the oldest first."""
    found: dict[UUID, list[Member]] = defaultdict(list)
    for row in session.execute(_MEMBERS, {"most": _MOST_MEMBERS}):
        kind = KINDS[TaskKind(row.kind)]
        found[row.workflow_id].append(
            Member(
                agent_id=row.agent_id,
                task_id=row.task_id,
                title=row.title,
                phase_id=row.phase_id,
                compared=kind.is_compared,
                keeps_changes=kind.merges,
                related_to=row.related_to,
                similarity=row.similarity,
                verdict=row.verdict,
                touched=[TouchedFile(**file) for file in row.files or ()],
            )
        )
    return dict(found)


def texts(session: Session, task_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what tasks ask for, in words."""
    rows = session.execute(_TEXTS, {"ids": list(task_ids)})
    return {row.id: row.words for row in rows}


def stale(session: Session, host: str) -> list[Stale]:
    """Return the agents of a host whose changed lines are to be looked up, some at a time."""
    rows = session.execute(_STALE, {"host": host, "most": _MOST_STALE})
    return [Stale(*row) for row in rows]


def record_touched(
    session: Session, agent_id: UUID, commit: str, files: Sequence[TouchedFile]
) -> None:
    """Keep the lines that an agent's saved work changes."""
    values = {"commit": commit, "files": [asdict(file) for file in files]}
    added = insert(TouchedLines).values(agent_id=agent_id, **values)
    session.execute(added.on_conflict_do_update(index_elements=["agent_id"], set_=values))


def forget_ended(session: Session) -> None:
    """Delete the lines of agents that have ended."""
    session.execute(_FORGET)


def get(session: Session, workflow_id: UUID) -> Coherence | None:
    """Return the row of a workflow; None: nobody has looked yet."""
    return session.get(Coherence, workflow_id)


def with_agents(session: Session) -> list[UUID]:
    """Return the workflows that had agents to compare at the last look."""
    return list(session.scalars(select(Coherence.workflow_id).where(Coherence.agents > 1)))


def put(session: Session, workflow_id: UUID, values: Mapping[str, Any]) -> None:
    """Write the row of a workflow, which the caller has locked."""
    added = insert(Coherence).values(workflow_id=workflow_id, **values)
    session.execute(added.on_conflict_do_update(index_elements=["workflow_id"], set_=dict(values)))
