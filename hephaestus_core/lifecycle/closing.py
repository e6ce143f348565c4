"""The end of a workflow, with all of its tasks."""

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import TaskStatus, WorkflowStatus
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.states import HELD, LIVE
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow


def stop_all(
    session: Session,
    workflow: "Workflow",
    status: WorkflowStatus,
    reason: str,
    *,
    sparing: Collection[UUID] = (),
) -> int:
    """Close a locked workflow and cancel all of its tasks that have not ended.

    Each host then finds that its agents hold no task, saves their work and stops them, including
    agents that are being started. Returns how many tasks were cancelled.

    Args:
        sparing: tasks whose finished work is still to be saved and merged.

    Raises:
        WorkflowClosed: it was closed before.
    """
    workflows.close(session, workflow, status, reason)
    return _cancel(session, workflow, LIVE, reason, sparing)


def complete(session: Session, workflow: "Workflow", reason: str) -> int:
    """Close a locked workflow and cancel its waiting tasks; running ones finish and are merged.

    Returns how many tasks were cancelled.

    Raises:
        WorkflowClosed: it was closed before.
    """
    workflows.close(session, workflow, WorkflowStatus.COMPLETED, reason)
    return _cancel(session, workflow, LIVE - HELD, reason)


def _cancel(
    session: Session,
    workflow: "Workflow",
    states: frozenset[TaskStatus],
    reason: str,
    sparing: Collection[UUID] = (),
) -> int:
    live_before = tasks.has_live(session, workflow.id)
    cancelled = tasks.cancel_open(session, workflow.id, states, reason, sparing=sparing)
    if not live_before:
        tasks.tell_quiet(session, workflow)
    ring_all(session)
    return cancelled
