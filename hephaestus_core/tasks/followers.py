"""What has followed a task: a crossing into the tables of agents and results."""

from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import WorkflowStatus
from hephaestus_core.tasks.following import Followers, what_is_missing
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task
    from hephaestus_core.workflows.models import Phase

_CREATED: Final = text("""
    SELECT DISTINCT phase_id FROM tasks
    WHERE workflow_id = :workflow_id AND kind = 'work' AND phase_id = ANY(:phases)
      AND (parent_task_id = :task_id
           OR creator_agent_id IN (SELECT id FROM agents WHERE task_id = :task_id))
""")
_SUBMITTED: Final = text("SELECT EXISTS (SELECT FROM results WHERE task_id = :task_id)")


def missing_after(session: Session, task: "Task", *, nothing_follows: str = "") -> str | None:
    """Return why a task cannot be done yet: nothing has followed it; None: it can be.

    In a workflow that takes no more work, or that has its result, nothing has to follow.

    Args:
        session: the open one.
        task: of any kind; only work that was asked for leads on.
        nothing_follows: the agent's reason for which nothing has to follow.
    """
    if task.phase_id is None or not KINDS[task.kind].leads_on:
        return None
    workflow = workflows.get(session, task.workflow_id)
    if workflow.status != WorkflowStatus.ACTIVE or workflow.result_id is not None:
        return None
    phases = workflows.phases(session, task.workflow_id)
    own = next(phase for phase in phases if phase.phase_id == task.phase_id)
    if not own.spec.get("leads_to"):
        return None
    found = _followers(session, task, phases)
    return what_is_missing(own.spec, found, nothing_follows=nothing_follows)


def _followers(session: Session, task: "Task", phases: "list[Phase]") -> Followers:
    values = {
        "task_id": task.id,
        "workflow_id": task.workflow_id,
        "phases": [phase.phase_id for phase in phases],
    }
    return Followers(
        phases=session.scalars(_CREATED, values).all(),
        joins=[p.phase_id for p in phases if task.phase_id in (p.spec.get("join") or ())],
        result=bool(session.scalar(_SUBMITTED, {"task_id": task.id})),
    )
