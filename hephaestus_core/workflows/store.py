"""Workflow rows for use cases of other capabilities; every function joins the open transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    TextClause,
    and_,
    bindparam,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from hephaestus_core.contract.errors import InvalidInput, NotFound, WorkflowClosed
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import DeliveryStatus, ResultOutcome, WorkflowStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.workflows import deliveries
from hephaestus_core.workflows.models import Phase, Workflow
from hephaestus_core.workflows.states import DELIVERY, MACHINE

#: Built once: each creation of a task runs it.
_OPEN_PHASE: Final = (
    select(Workflow, Phase)
    .outerjoin(
        Phase, and_(Phase.workflow_id == Workflow.id, Phase.phase_id == bindparam("phase_id"))
    )
    .where(Workflow.id == bindparam("workflow_id"))
    .with_for_update(read=True, of=Workflow)
)

#: The newest workflows, among which titles are looked for.
_NEAR: Final = 2000
_EVENTS: Final = {
    WorkflowStatus.ACTIVE: EventType.WORKFLOW_REOPENED,
    WorkflowStatus.COMPLETED: EventType.WORKFLOW_COMPLETED,
    WorkflowStatus.STOPPED: EventType.WORKFLOW_STOPPED,
}


@dataclass(frozen=True, kw_only=True)
class NewWorkflow:
    """A workflow to be added, with its phases filled in."""

    id: UUID
    definition_id: str
    title: str
    description: str
    repository: str
    base_branch: str
    integration_branch: str
    working_directory: str
    auto_merge: bool
    conflict_resolution: str
    max_agents: int | None
    limits: dict[str, int]
    launch_params: dict[str, Any]
    config: dict[str, Any]
    idempotency_key: str | None
    phases: list[dict[str, Any]]


def add(session: Session, new: NewWorkflow) -> Workflow:
    """Add an active workflow with its phases."""
    values = {name: value for name, value in vars(new).items() if name != "phases"}
    workflow = Workflow(
        status=WorkflowStatus.ACTIVE,
        delivery_status=DeliveryStatus.NONE,
        delivery_round=0,
        **values,
    )
    session.add(workflow)
    session.flush()
    session.add_all(
        Phase(workflow_id=new.id, phase_id=spec["id"], name=spec["name"], spec=spec)
        for spec in new.phases
    )
    session.flush()
    return workflow


def by_key(session: Session, idempotency_key: str) -> Workflow | None:
    """Return the workflow of this idempotency key, if there is one."""
    return session.scalar(select(Workflow).where(Workflow.idempotency_key == idempotency_key))


def newest(
    session: Session,
    *,
    status: WorkflowStatus | None,
    limit: int,
    cursor: tuple[datetime, UUID] | None,
    title: str | None = None,
    where: TextClause | None = None,
) -> list[Workflow]:
    """Return workflows, newest first, after the cursor; ``title`` is a part of their titles."""
    query = select(Workflow).where(Workflow.deletion_asked_at.is_(None)).limit(limit)
    query = query.order_by(Workflow.created_at.desc(), Workflow.id.desc())
    if status is not None:
        query = query.where(Workflow.status == status)
    if title is not None:
        query = query.where(Workflow.title.icontains(title, autoescape=True))
    if where is not None:
        query = query.where(where)
    if cursor is not None:
        query = query.where(tuple_(Workflow.created_at, Workflow.id) < cursor)
    return list(session.scalars(query))


def of_ids(session: Session, workflow_ids: list[UUID]) -> list[Workflow]:
    """Return the workflows with these ids."""
    return list(session.scalars(select(Workflow).where(Workflow.id.in_(workflow_ids))))


def with_title(session: Session, words: str, *, limit: int) -> dict[UUID, str]:
    """Return the newest workflows whose titles have these words in them, by their ids.

    Only among the newest 2,000, so that the cost has a bound.
    """
    there = Workflow.deletion_asked_at.is_(None)
    newest = select(Workflow.id, Workflow.title, Workflow.created_at).where(there)
    newest_first = newest.order_by(Workflow.created_at.desc(), Workflow.id.desc())
    near = newest_first.limit(_NEAR).subquery()
    query = select(near.c.id, near.c.title).where(near.c.title.icontains(words, autoescape=True))
    rows = session.execute(query.order_by(near.c.created_at.desc()).limit(limit))
    return {row.id: row.title for row in rows}


def is_there(workflow_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the condition that the workflow which a row names is not being deleted."""
    there = select(Workflow.id).where(Workflow.deletion_asked_at.is_(None))
    return there.where(Workflow.id == workflow_id).exists()


def titles_of(session: Session, workflow_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the titles of the workflows with these ids."""
    named = select(Workflow.id, Workflow.title).where(Workflow.id.in_(list(workflow_ids)))
    return dict(session.execute(named).tuples().all())


def get(session: Session, workflow_id: UUID) -> Workflow:
    """Return the workflow.

    Raises:
        NotFound: there is none with this id.
    """
    return _found(session.get(Workflow, workflow_id), workflow_id)


def folder_of(workflow: Workflow, phase: Mapping[str, Any] | None = None) -> str:
    """Return the folder in which agents and commands start, relative to the repository's root.

    Args:
        workflow: names it for all phases that name none.
        phase: as its workflow stores it.
    """
    folder = str((phase or {}).get("working_directory", "."))
    return workflow.working_directory if folder == "." else folder


def lock(session: Session, workflow_id: UUID) -> Workflow:
    """Return the workflow locked for update. Lock it before any of its tasks and agents.

    Adding rows that refer to it does not wait: a claim has locked its task by then, and would
    deadlock with a transaction that closes the workflow and waits for that task.

    Raises:
        NotFound: there is none with this id.
    """
    return _found(locked(session, workflow_id), workflow_id)


def locked(session: Session, workflow_id: UUID | ScalarSelect[UUID]) -> Workflow | None:
    """Return the workflow as :func:`lock` does; None if there is none.

    Raises:
        NotFound: it is being deleted.
    """
    query = select(Workflow).where(Workflow.id == workflow_id).with_for_update(key_share=True)
    workflow = session.scalar(query.execution_options(populate_existing=True))
    return workflow and _found(workflow, workflow.id)


def open_for_work(session: Session, workflow_id: UUID) -> Workflow:
    """Return the workflow, which stays active until the transaction ends.

    A shared lock: many may add tasks at once, and closing waits for them.

    Raises:
        NotFound: there is none with this id.
        WorkflowClosed: it takes no more work.
    """
    query = select(Workflow).where(Workflow.id == workflow_id).with_for_update(read=True)
    return _open(session.scalar(query), workflow_id)


def open_phase(session: Session, workflow_id: UUID, phase_id: int) -> tuple[Workflow, Phase]:
    """Return the workflow as :func:`open_for_work` does, and one of its phases, in one query.

    Raises:
        NotFound, WorkflowClosed: see :func:`open_for_work`.
        InvalidInput: the workflow has no such phase; the message lists those it has.
    """
    place = {"workflow_id": workflow_id, "phase_id": phase_id}
    found, phase = session.execute(_OPEN_PHASE, place).one_or_none() or (None, None)
    workflow = _open(found, workflow_id)
    if phase is None:
        raise _unknown_phase(session, workflow_id, phase_id)
    return workflow, phase


def phase(session: Session, workflow_id: UUID, phase_id: int) -> Phase:
    """Return a phase of the workflow.

    Raises:
        InvalidInput: the workflow has no such phase; the message lists those it has.
    """
    found = session.get(Phase, (workflow_id, phase_id))
    if found is None:
        raise _unknown_phase(session, workflow_id, phase_id)
    return found


def phases(session: Session, workflow_id: UUID) -> list[Phase]:
    """Return all phases of the workflow, in order."""
    return phases_of(session, [workflow_id])


def phases_of(session: Session, workflow_ids: Iterable[UUID]) -> list[Phase]:
    """Return all phases of the workflows, in order within each."""
    query = select(Phase).where(Phase.workflow_id.in_(list(workflow_ids)))
    return list(session.scalars(query.order_by(Phase.workflow_id, Phase.phase_id)))


def became_quiet(
    session: Session,
    workflow: Workflow,
    *,
    came_to_nothing: bool = False,
    nothing_merged: bool = False,
    used_up: str | None = None,
) -> None:
    """Emit that the locked workflow has no live task, and request the delivery if it is due.

    It is due for a completed workflow, and for an active one that has its result or needs none.

    Args:
        came_to_nothing: no task is done and no work is merged, so that there is nothing to bring.
        nothing_merged: no work is merged; then a result of another outcome than done delivers
            nothing.
        used_up: name of a phase that was to join the work once more but has had all its rounds; a
            person then approves the delivery.
    """
    emit(session, EventType.WORKFLOW_QUIET, workflow_id=workflow.id)
    if _was_reopened(workflow):
        close(session, workflow, WorkflowStatus.COMPLETED, "what was sent back is done")
    has_all = workflow.result_id is not None or not workflow.config["has_result"]
    active = workflow.status == WorkflowStatus.ACTIVE and not came_to_nothing
    if nothing_merged and workflow.outcome not in {None, ResultOutcome.DONE}:
        return
    if workflow.status == WorkflowStatus.COMPLETED or (active and has_all):
        undecided = workflow.result_id is None and used_up is not None
        deliveries.request(
            session, workflow, doubt=f"{used_up} has had all of its rounds" if undecided else None
        )


def move(session: Session, workflow: Workflow, status: WorkflowStatus, *, reason: str) -> None:
    """Turn a locked workflow to ``status`` and say so.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    MACHINE.check(workflow.id, workflow.status, status)
    workflow.status = status
    emit(session, _EVENTS[status], workflow_id=workflow.id, reason=reason)


def _was_reopened(workflow: Workflow) -> bool:
    """Say whether it is at work again though its result, which ends a workflow, was accepted."""
    ends = workflow.config["on_result_found"] != "do_nothing"
    return workflow.status == WorkflowStatus.ACTIVE and workflow.result_id is not None and ends


def reopen(session: Session, workflow: Workflow, *, reason: str) -> None:
    """Let a locked workflow take work again, if its result has completed it."""
    if workflow.status == WorkflowStatus.COMPLETED:
        move(session, workflow, WorkflowStatus.ACTIVE, reason=reason)
        workflow.closed_reason = workflow.completed_at = None


def close(session: Session, workflow: Workflow, status: WorkflowStatus, reason: str) -> None:
    """Turn an active, locked workflow to ``completed`` or ``stopped``.

    The work of a stopped workflow stays in its branches; a pending delivery is withdrawn.

    Raises:
        WorkflowClosed: it was closed before.
    """
    if workflow.status != WorkflowStatus.ACTIVE:
        raise WorkflowClosed(f"Workflow {workflow.id} is {workflow.status} already.")
    move(session, workflow, status, reason=reason)
    workflow.closed_reason = reason
    # Its integration branch is among the spent ones from now on.
    workflow.completed_at = workflow.spent_due_at = database_now(session)
    under_way = DELIVERY.allows(workflow.delivery_status, DeliveryStatus.NONE)
    if status != WorkflowStatus.COMPLETED and under_way:
        workflow.delivery_reason = None
        deliveries.move(session, workflow, DeliveryStatus.NONE, reason=reason)


def _unknown_phase(session: Session, workflow_id: UUID, phase_id: int) -> InvalidInput:
    listed = ", ".join(f"{p.phase_id} ({p.name})" for p in phases(session, workflow_id))
    return InvalidInput(
        f"Unknown phase {phase_id}; this workflow has {listed or 'none'}.", field="phase_id"
    )


def _open(workflow: Workflow | None, workflow_id: UUID) -> Workflow:
    workflow = _found(workflow, workflow_id)
    if workflow.status != WorkflowStatus.ACTIVE:
        raise WorkflowClosed(
            f"Workflow {workflow_id} is {workflow.status} and accepts no more work; "
            "start a new one."
        )
    return workflow


def _found(workflow: Workflow | None, workflow_id: UUID) -> Workflow:
    if workflow is not None and workflow.deletion_asked_at is not None:
        raise NotFound(
            f"Workflow {workflow_id} has been deleted; its last rows and files go within minutes, "
            "its costs stay. List the workflows to see those that are there.",
            field="workflow_id",
        )
    if workflow is None:
        raise NotFound(
            f"No workflow {workflow_id}; list the workflows to see their ids.",
            field="workflow_id",
        )
    return workflow


def phase_name(session: Session, workflow_id: UUID, phase_id: int | None) -> str | None:
    """Return the name of a phase; None for work outside of all phases."""
    found = None if phase_id is None else session.get(Phase, (workflow_id, phase_id))
    return None if found is None else found.name
