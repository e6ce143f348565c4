"""The steps of a review, each joining the open transaction with workflow and task locked."""

from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.states import ENDED
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.changes.endings import merge_reviewed
from hephaestus_core.contract.definitions.criteria import ValidationCriteria
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import ReviewStatus, TaskStatus, WorkflowStatus
from hephaestus_core.db.engine import database_now, ring
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.messages import service as messages
from hephaestus_core.reviews import store
from hephaestus_core.reviews.models import Review
from hephaestus_core.reviews.orders import add_reviewer
from hephaestus_core.reviews.rules import Step, after_checks
from hephaestus_core.reviews.wanted import has_reason_for_nothing
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.followers import missing_after
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

#: The sender of the messages with which work is sent back.
SENDER: Final = "Hephaestus"
#: Decided by the outcomes of the checks alone.
CHECKS: Final = "checks"
#: Most characters of feedback in the reason of a task; the review has the whole.
_REASON_LIMIT: Final = 8000
#: Fails unreported work whose checks have passed.
_UNFOLLOWED: Final = "nothing has followed it"
#: Without a change a check can only ask for one.
_NOTHING: Final = Step(ReviewStatus.PASSED, "nothing is changed, for a reason that was given")


def begin(
    session: Session,
    task: "Task",
    agent: "Agent",
    criteria: ValidationCriteria,
    *,
    commit: str,
    unreported: bool = False,
) -> Review:
    """Begin the review of a task that is under review, for one saved commit.

    Work that changes nothing passes if its agent said why there is nothing to do.
    """
    review = Review(
        workflow_id=task.workflow_id,
        task_id=task.id,
        agent_id=agent.id,
        commit=commit,
        iteration=store.failed_before(session, task.id) + 1,
        status=ReviewStatus.CHECKING,
        unreported=unreported,
        checks=[],
        proof=agent.proof,
    )
    store.add(session, review)
    nothing = not agents.holds_work(session, task.id, commit)
    if nothing and has_reason_for_nothing(session, task):
        advance(session, task, agent, review, _NOTHING)
    elif criteria.checks:
        ring_all(session)
    else:
        advance(session, task, agent, review, after_checks([], criteria, review.iteration))
    return review


def advance(
    session: Session,
    task: "Task",
    agent: "Agent",
    review: Review,
    step: Step,
    *,
    decided_by: str = CHECKS,
) -> None:
    """Take a locked review to its next status, and its task with it."""
    store.move(session, review, step.status, reason=step.reason, decided_by=decided_by)
    if step.status == ReviewStatus.FAILED:
        _fail(session, task, agent, review)
    elif agent.status in ENDED:
        settle(session, task, agent, review)
    else:
        # Its attempt has no more to do here.
        ring(session, Bell(CeleryTaskName.FINISH_AGENT, host_queue(agent.host), (str(agent.id),)))


def unless_unfollowed(session: Session, task: "Task", review: Review, step: Step) -> Step:
    """Return the step, but let no unreported work pass that something had to follow.

    A report of it would have been refused; the next attempt is told what is missing.
    """
    if not review.unreported or step.status != ReviewStatus.PASSED:
        return step
    missing = missing_after(session, task)
    if missing is None:
        return step
    review.feedback = missing
    return Step(ReviewStatus.FAILED, _UNFOLLOWED)


def fail_again(session: Session, task: "Task", agent: "Agent", commit: str) -> bool:
    """Fail an attempt that ended in silence as the review of the same commit failed before.

    Returns False if there was none, or if what did not follow then has followed now: another
    review could only say the same.
    """
    known = store.newest_failed(session, task.id, commit)
    if known is None or (known.reason == _UNFOLLOWED and missing_after(session, task) is None):
        return False
    _fail_silent(session, task, agent, known)
    return True


def settle(session: Session, task: "Task", agent: "Agent", review: Review) -> None:
    """Go on with a review whose author's attempt has ended."""
    if review.status == ReviewStatus.PASSED:
        merge_reviewed(session, task, agent, review.commit)
    elif review.status == ReviewStatus.AGENT_REVIEW and review.reviewer_task_id is None:
        workflow = workflows.get(session, task.workflow_id)
        if workflow.status == WorkflowStatus.ACTIVE:
            add_reviewer(session, task, agent, review)
        else:
            reason = f"the workflow is {workflow.status}, so that no agent can judge"
            store.move(session, review, ReviewStatus.PERSON_REVIEW, reason=reason)


def _fail(session: Session, task: "Task", agent: "Agent", review: Review) -> None:
    """Give failed work back: to its agent while that lives, else to the next attempt."""
    told = _told(review)
    reason = f"the review of its work did not pass: {review.reason}"
    if agent.status not in ENDED:
        tasks.move(session, task, TaskStatus.NEEDS_WORK, reason=reason)
        # It has reported since it was reminded.
        agent.reminders = 0
        words = f"{told}\n\nCorrect that, then report again."
        messages.add(session, agent.id, words, sender=SENDER)
    elif review.unreported:
        _fail_silent(session, task, agent, review)
    elif workflows.get(session, task.workflow_id).status != WorkflowStatus.ACTIVE:
        task.failure_reason = told
        tasks.move(session, task, TaskStatus.CANCELLED, reason=f"{reason}; the workflow is closed")
    else:
        # The host with its conversation goes first for a while from now on.
        task.due_at = database_now(session)
        tasks.go_on_from(task, agent.checkpoint_commit)
        tasks.move(session, task, TaskStatus.QUEUED, reason=reason)
        task.failure_reason = told


def _fail_silent(session: Session, task: "Task", agent: "Agent", review: Review) -> None:
    silent = "the agent ended without a report"
    told = _told(review)
    missing = missing_after(session, task)
    if missing is not None and review.reason != _UNFOLLOWED:
        told = f"{missing}\n\n{told}"
    agents.fail_task(session, task, agent, FailureClass.AGENT_FAULT, silent, missing=told)


def _told(review: Review) -> str:
    return f"The review of your work did not pass.\n\n{review.feedback}"[:_REASON_LIMIT]
