"""The merges of tasks that leave review: a crossing into the table of another capability."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.events.log import emit

_DROP: Final = text("""
    UPDATE merges SET status = 'dropped'
    WHERE task_id = ANY(:task_ids) AND status IN ('pending', 'conflict')
    RETURNING workflow_id, task_id, agent_id
""")


def drop_merges(session: Session, task_ids: Collection[UUID]) -> None:
    """Drop the open merges of locked tasks, so that their work is not merged."""
    for merge in session.execute(_DROP, {"task_ids": list(task_ids)}).mappings():
        emit(session, "merge.dropped", **merge)
