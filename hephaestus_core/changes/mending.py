"""Where work goes that mends what is merged; joins the open transaction."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.changes.models import Merge
from hephaestus_core.contract.statuses import MergeStatus
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow


def mending_phase(session: Session, workflow: "Workflow") -> int | None:
    """Return the phase for rejected results, else that of the work that was merged last."""
    named = workflow.config.get("on_result_rejected")
    known = [phase.phase_id for phase in workflows.phases(session, workflow.id)]
    if named in known:
        return int(named)
    last = session.scalar(
        select(Merge.task_id)
        .where(Merge.workflow_id == workflow.id, Merge.status == MergeStatus.MERGED)
        .order_by(Merge.merged_at.desc())
        .limit(1)
    )
    found = None if last is None else tasks.get(session, last).phase_id
    return next(iter(known), None) if found is None else found
