"""Use cases of diffs: hosts record them, readers get the newest."""

from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.changes import models
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.diffs import Diff, FileChange
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

_NOTHING: Final = DiffView(
    base=None,
    commit=None,
    files=0,
    insertions=0,
    deletions=0,
    changes=[],
    patch="",
    truncated=False,
    recorded_at=None,
)


def record_attempt_diff(db: Database, agent_id: UUID, diff: Diff) -> bool:
    """Record the diff of an attempt; False if a newer attempt holds the task.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        agent = agents.get(session, agent_id)
        if tasks.lock(session, agent.task_id).attempt != agent.attempt:
            return False
        _record(session, agent.task_id, diff)
        return True


def record_diff(db: Database, subject_id: UUID, diff: Diff) -> None:
    """Record the diff of a task's merge, or of a workflow so far."""
    with db.transaction() as session:
        _record(session, subject_id, diff)


def workflow_base(db: Database, workflow_id: UUID) -> str | None:
    """Return the first base commit of a workflow; None before its first merge."""
    with db.reading() as session:
        return session.scalar(select(models.Diff.base).where(models.Diff.subject_id == workflow_id))


def task_diff(db: Database, task_id: UUID) -> DiffView:
    """Return the diff of a task: of its merge, or before that of its attempt.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        tasks.get(session, task_id)
        return diff_of(session, task_id)


def workflow_diff(db: Database, workflow_id: UUID) -> DiffView:
    """Return the diff of a workflow so far.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        workflows.get(session, workflow_id)
        return diff_of(session, workflow_id)


def _record(session: Session, subject_id: UUID, diff: Diff) -> None:
    facts = asdict(diff)
    row = insert(models.Diff).values(subject_id=subject_id, **facts)
    known = {name: row.excluded[name] for name in facts} | {"recorded_at": func.now()}
    session.execute(row.on_conflict_do_update(index_elements=["subject_id"], set_=known))


def diff_of(session: Session, subject_id: UUID) -> DiffView:
    """Return the diff of a task or a workflow; joins the open session."""
    found = session.get(models.Diff, subject_id)
    if found is None:
        return _NOTHING
    values = {name: getattr(found, name) for name in DiffView.__dataclass_fields__}
    return DiffView(**{**values, "changes": [FileChange(**change) for change in found.changes]})
