"""Which acts of the Guardian people can still take back."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.db.engine import Database

#: The conditions under which `overruling.undo` raises no Conflict.
_UNDOABLE: Final = text("""
    SELECT i.id
    FROM interventions i
    JOIN agents a ON a.id = i.agent_id
    JOIN tasks t ON t.id = i.task_id
    LEFT JOIN questions q ON q.id = a.parked_for
    WHERE i.id = ANY(:ids) AND i.undone_at IS NULL
      AND CASE i.action
          WHEN 'wait' THEN a.status = 'stopping' OR (
              t.status = 'queued' AND t.attempt = a.attempt AND t.due_at > clock_timestamp()
          )
          WHEN 'park' THEN q.status = 'open'
          ELSE i.text IS NOT NULL AND a.ended_at IS NULL
          END
""")


def undoable(db: Database, ids: Collection[UUID]) -> set[UUID]:
    """Return those of these interventions that can be taken back now."""
    if not ids:
        return set()
    with db.reading() as session:
        return set(session.scalars(_UNDOABLE, {"ids": list(ids)}))
