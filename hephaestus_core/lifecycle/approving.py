"""A person's word on the work of a workflow: on to its base branch, or back to be mended."""

import re
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.changes import store as merges
from hephaestus_core.changes.diffs import diff_of
from hephaestus_core.changes.mending import mending_phase
from hephaestus_core.contract.errors import CommitMoved, Conflict, InvalidInput
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import DeliveryStatus
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.contract.titles import TITLE_LIMIT, title_of
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.lifecycle.reading import views
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.tasks.views import TaskView, view
from hephaestus_core.workflows import deliveries
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.states import APPROVABLE, RETURNABLE

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

#: A commit, or so many of its first characters that no other one is meant by accident.
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")


def approve_delivery(db: Database, workflow_id: UUID, *, expected_commit: str = "") -> WorkflowView:
    """Let a workflow that waits for a person's approval go on to its base branch.

    If that was moved otherwise than forward, this accepts the move instead: held merges and a held
    delivery go on with the branch as it is now. If the check of the merged work failed, this lets
    that commit pass.

    Args:
        db: the database.
        workflow_id: of the workflow.
        expected_commit: the one of the diff that was looked at, or its first characters; then no
            other one is delivered. Empty: whatever is merged.

    Raises:
        NotFound: there is none with this id.
        Conflict: it waits for no approval.
        CommitMoved: its diff is one of another commit now.
        InvalidInput: ``expected_commit`` is none.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        moved = workflow.base_moved_to is not None
        red = workflow.delivery_status == DeliveryStatus.HELD and _is_red(workflow)
        looked_at = _looked_at(session, workflow, expected_commit)
        if not moved and not red and workflow.delivery_status not in APPROVABLE:
            raise Conflict(
                f"Workflow {workflow_id} does not wait for approval "
                f"(its delivery is '{workflow.delivery_status}')."
            )
        if moved:
            workflow.base_commit, workflow.base_moved_to = workflow.base_moved_to, None
            merges.wake(session, workflow_id)
        if red and not moved:
            workflow.delivery_check = {**(workflow.delivery_check or {}), "anyway": True}
        if not moved or workflow.delivery_status == DeliveryStatus.HELD:
            workflow.delivery_reason, workflow.approved_commit = None, looked_at
            deliveries.move(session, workflow, DeliveryStatus.PENDING)
        emit(session, EventType.WORKFLOW_APPROVED, workflow_id=workflow_id)
        ring_all(session)
        session.flush()
        return views(session, [workflow])[0]


def send_back(
    db: Database, workflow_id: UUID, *, feedback: str, by: str, expected_commit: str = ""
) -> TaskView:
    """Have work that waits for its delivery mended: returns the task that does it.

    The work is delivered only after that, and after a person has looked at it again. The task has
    the phase of the definition's ``on_result_rejected``, else that of the work that was merged
    last. A workflow that its result has completed is active until then.

    Raises:
        NotFound: there is no such workflow.
        Conflict: its work does not wait for its delivery.
        CommitMoved: its diff is one of another commit now.
        InvalidInput: there is no feedback, or it is out of bounds.
    """
    words = plain_text(feedback, "feedback", required=True)
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        _looked_at(session, workflow, expected_commit)
        if workflow.delivery_status not in RETURNABLE:
            raise Conflict(
                f"The work of workflow {workflow_id} does not wait for its delivery "
                f"(which is '{workflow.delivery_status}'), so there is nothing to send back."
            )
        workflows.reopen(session, workflow, reason=f"{by} sent its work back")
        phase_id = mending_phase(session, workflow)
        task = add(
            session,
            TaskOrder(
                workflow_id=workflow_id,
                phase_id=phase_id,
                by_system=True,
                priority="high",
                created_by=by,
                title=f"Mend what was sent back: {title_of(words)}"[:TITLE_LIMIT],
                description=_TASK.format(by=by, branch=workflow.base_branch, words=words),
            ),
        )
        workflow.delivery_reason = workflow.approved_commit = None
        reason = f"{by} sent it back; task {task.id} mends it"
        deliveries.move(session, workflow, DeliveryStatus.NONE, reason=reason)
        ring_all(session)
        phase = None if phase_id is None else workflows.phase(session, workflow_id, phase_id)
        return view(task, None if phase is None else phase.name)


_TASK: Final = (
    "{by} looked at all merged work of this workflow before it goes to {branch}, and sent it back. "
    "Mend what is said here, and nothing else:\n\n{words}"
)


def _looked_at(session: Session, workflow: "Workflow", expected: str) -> str | None:
    """Return the whole name of the commit that was looked at; None: none is named.

    Raises:
        CommitMoved: the diff that readers get is one of another commit.
        InvalidInput: it is no name of a commit.
    """
    if not expected:
        return None
    if _COMMIT.fullmatch(expected) is None:
        raise InvalidInput(
            "'expected_commit' is no commit; give at least seven of its hexadecimal digits.",
            field="expected_commit",
        )
    commit = diff_of(session, workflow.id).commit or ""
    if commit.startswith(expected):
        return commit
    raise CommitMoved(
        f"The work of workflow {workflow.id} is at commit {commit[:12] or 'none'} now, not "
        f"{expected[:12]}; look at that before you decide.",
        details={"commit": commit or None},
    )


def _is_red(workflow: "Workflow") -> bool:
    """Say whether the check of the merged work has failed, and nobody has let it pass."""
    check = workflow.delivery_check or {}
    outcome = check.get("outcome")
    return outcome is not None and outcome["status"] != "passed" and not check.get("anyway")
