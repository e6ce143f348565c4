"""Counts the tasks of a workflow as they are created; joins the open transaction."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_COUNT: Final = text("""
    INSERT INTO task_tallies AS tally (workflow_id, created) VALUES (:workflow_id, 1)
    ON CONFLICT (workflow_id) DO UPDATE SET created = tally.created + 1
    WHERE tally.created < :most
    RETURNING created
""")


def count_one(session: Session, workflow_id: UUID, *, most: int) -> bool:
    """Count one more task; False if the workflow has ``most`` already.

    Its lock comes after those of tasks and agents. Others who create tasks in the workflow wait
    from here to the commit, so the number is exact.
    """
    values = {"workflow_id": workflow_id, "most": most}
    return session.execute(_COUNT, values).one_or_none() is not None
