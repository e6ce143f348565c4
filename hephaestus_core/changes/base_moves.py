"""Use cases of base branches: where hosts see them, and moves that a person has to accept."""

from uuid import UUID

from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.workflows import store as workflows


def note_base(db: Database, workflow_id: UUID, *, before: str | None, commit: str | None) -> None:
    """Record that the base branch went forward, from where it was seen before.

    Nothing changes if another host has recorded something meanwhile.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        if workflow.base_commit == before:
            workflow.base_commit = commit
            workflow.base_moved_to = None


def note_moved(db: Database, workflow_id: UUID, *, before: str | None, commit: str) -> None:
    """Record that the base branch was moved otherwise; what was seen before stays the measure."""
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        if workflow.base_commit == before:
            if workflow.base_moved_to is None:
                workflow.base_moved_at = database_now(session)
            workflow.base_moved_to = commit
