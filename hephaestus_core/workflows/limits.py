"""The limits of one workflow: what they are, refusals, and changes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import InvalidInput, LimitReached, WorkflowClosed
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.limits import LIMITS, Limits, refusal
from hephaestus_core.contract.statuses import WorkflowStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import emit
from hephaestus_core.workflows import store
from hephaestus_core.workflows.models import Workflow


def limits_of(workflow: Workflow | Row[Any]) -> Limits:
    """Return the limits of the workflow."""
    return Limits(**{name: most for name, most in workflow.limits.items() if name in LIMITS})


def refuse(workflow: Workflow, limit: str, *, agent_id: UUID | None, **values: int) -> LimitReached:
    """Return the error for a creation beyond a limit, by an agent or by a person (None)."""
    most = getattr(limits_of(workflow), limit)
    return _refusal(workflow, limit, agent_id=agent_id, most=most, **values)


def refuse_in_phase(
    workflow: Workflow, phase_id: int, most: int, *, agent_id: UUID | None
) -> LimitReached:
    """Return the error for a task beyond ``most_tasks`` of its phase."""
    return _refusal(workflow, "most_tasks", agent_id=agent_id, most=most, phase_id=phase_id)


def _refusal(
    workflow: Workflow, limit: str, *, agent_id: UUID | None, most: int, **values: int
) -> LimitReached:
    return LimitReached(
        refusal(limit, to_agent=agent_id is not None, most=most, **values),
        details={
            "limit": limit,
            "most": most,
            "workflow_id": str(workflow.id),
            **({} if agent_id is None else {"agent_id": str(agent_id)}),
            **values,
        },
    )


@contextmanager
def refusals_told(db: Database) -> Iterator[None]:
    """Write an event about the first refusal of each limit: the refused transaction wrote none."""
    try:
        yield
    except LimitReached as error:
        with db.transaction() as session:
            _tell_once(session, error)
        raise


def _tell_once(session: Session, error: LimitReached) -> None:
    limit, workflow_id = error.details["limit"], UUID(error.details["workflow_id"])
    phase_id = error.details.get("phase_id")
    known_as = limit if phase_id is None else f"{limit} of phase {phase_id}"
    # Without a lock first: an agent may repeat a refused call many times.
    if known_as in store.get(session, workflow_id).limits_reached:
        return
    workflow = store.lock(session, workflow_id)
    if known_as in workflow.limits_reached:
        return
    workflow.limits_reached = [*workflow.limits_reached, known_as]
    emit(
        session,
        EventType.WORKFLOW_LIMIT_REACHED,
        workflow_id=workflow_id,
        agent_id=UUID(error.details["agent_id"]) if "agent_id" in error.details else None,
        limit=limit,
        most=error.details["most"],
        phase_id=phase_id,
        reason=error.message,
    )


def change(session: Session, workflow: Workflow, limits: Mapping[str, Any]) -> None:
    """Set some limits of a locked, active workflow; running agents are told by their next refusal.

    Raises:
        WorkflowClosed: it takes no more work.
        InvalidInput: no limit is named, or one of them is below 1 or unknown.
    """
    if workflow.status != WorkflowStatus.ACTIVE:
        raise WorkflowClosed(f"Workflow {workflow.id} is {workflow.status}; its limits are over.")
    if not limits:
        raise InvalidInput(f"No limit is named; name one or more of {', '.join(LIMITS)}.")
    for name, most in limits.items():
        if name not in LIMITS:
            raise InvalidInput(f"Unknown limit {name!r}; known: {', '.join(LIMITS)}.", field=name)
        if most < 1:
            raise InvalidInput(f"{name!r} must be at least 1.", field=name)
    workflow.limits = {**workflow.limits, **limits}
    workflow.limits_reached = [name for name in workflow.limits_reached if name not in limits]
    emit(session, EventType.WORKFLOW_LIMITS_CHANGED, workflow_id=workflow.id, **limits)
