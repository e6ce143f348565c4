"""The pass that finds tasks which nothing keeps any more, and joins which are due.

The transaction that ends a task starts both; this pass makes up for whatever it has missed.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks import dependencies, joins, store
from hephaestus_core.workflows import store as workflows


def go_on(db: Database) -> None:
    """Queue the pending tasks that wait for nothing, and create the tasks of due joins."""
    with db.reading() as session:
        ready, resting = dependencies.ready(session), joins.resting(session)
        abandoned = dependencies.abandoned(session)
    for task_id, workflow_id, start_commit in abandoned:
        with db.transaction() as session:
            workflows.lock(session, workflow_id)
            _start_from(session, task_id, start_commit)
            _queue(session, task_id)
    for task_id, workflow_id in ready:
        with db.transaction() as session:
            workflows.lock(session, workflow_id)
            _queue(session, task_id)
    for workflow_id in resting:
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
        store.queue(session, task)
