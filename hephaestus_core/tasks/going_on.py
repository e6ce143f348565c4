"""The pass that finds tasks which nothing keeps any more, and joins which are due.

The transaction that ends a task starts both; this pass makes up for whatever it has missed.
"""

from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.db.isolated import for_each
from hephaestus_core.tasks import dependencies, joins, store
from hephaestus_core.workflows import store as workflows


def go_on(db: Database) -> None:
    """Queue the pending tasks that wait for nothing, and create the tasks of due joins."""
    with db.reading() as session:
        ready, resting = dependencies.ready(session), joins.resting(session)
        abandoned = dependencies.abandoned(session)
    for_each(partial(_go_on_abandoned, db), abandoned, work="tasks.go_on_abandoned")
    for_each(partial(_go_on_ready, db), ready, work="tasks.go_on_ready")
    for_each(partial(_start_join, db), resting, work="tasks.start_join")


def _go_on_abandoned(db: Database, found: tuple[UUID, UUID, str | None]) -> None:
    task_id, workflow_id, start_commit = found
    with db.transaction() as session:
        workflows.lock(session, workflow_id)
        _start_from(session, task_id, start_commit)
        _queue(session, task_id)


def _go_on_ready(db: Database, found: tuple[UUID, UUID]) -> None:
    task_id, workflow_id = found
    with db.transaction() as session:
        workflows.lock(session, workflow_id)
        _queue(session, task_id)


def _start_join(db: Database, workflow_id: UUID) -> None:
    with db.transaction() as session:
        joins.start_due(session, workflows.lock(session, workflow_id))


def _start_from(session: Session, task_id: UUID, start_commit: str | None) -> None:
    task = store.lock(session, task_id)
    if task.status == TaskStatus.PENDING:
        task.start_commit, task.awaits_creator = start_commit, False


def _queue(session: Session, task_id: UUID) -> None:
    task = store.lock(session, task_id)
    waits = task.awaits_creator or dependencies.held_up(session, [task_id])
    if task.status == TaskStatus.PENDING and not waits:
        store.move(session, task, TaskStatus.QUEUED)
