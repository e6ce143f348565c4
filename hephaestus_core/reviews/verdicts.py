"""Verdicts of agents and of people."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import reports
from hephaestus_core.agents import store as agents
from hephaestus_core.contract.errors import Forbidden, ReviewDecided
from hephaestus_core.contract.statuses import ReviewStatus, TaskStatus
from hephaestus_core.contract.texts import plain_text, plain_texts
from hephaestus_core.db.engine import Database
from hephaestus_core.reviews import progress, store
from hephaestus_core.reviews.rules import Step, after_verdict, criteria_of
from hephaestus_core.reviews.states import OPEN
from hephaestus_core.reviews.views import ReviewView, view
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.accepted import was_accepted
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.contract.definitions.criteria import ValidationCriteria
    from hephaestus_core.reviews.models import Review
    from hephaestus_core.tasks.models import Task


def give_review(
    db: Database,
    agent_id: UUID,
    *,
    passed: bool,
    feedback: str,
    evidence: list[str] | None = None,
    recommendations: list[str] | None = None,
) -> ReviewView:
    """Take the verdict of the agent whose task is the review; it is its report, too.

    It undoes no acceptance of the task's result, by which the work passes.

    Raises:
        Forbidden: its task is no review, or the work is its own.
        StaleAttempt: its attempt is over.
        ReviewDecided: the review has its verdict, or needs none any more.
        InvalidInput: a text is out of bounds.
    """
    with db.transaction() as session:
        workflows.lock(session, agents.get(session, agent_id).workflow_id)
        own_task, judge = agents.lock_current(session, agent_id)
        known = store.judged_by(session, own_task.id)
        if known is None or known.task_id == own_task.id:
            raise Forbidden(
                "Your task is not the review of another task's work; only its reviewer judges it."
            )
        task = tasks.lock(session, known.task_id)
        author = agents.lock(session, known.agent_id)
        review = store.lock(session, known.id)
        if review.status != ReviewStatus.AGENT_REVIEW:
            raise ReviewDecided(_no_verdict_for(review))
        review.feedback = _feedback(feedback, evidence or [], recommendations or [])
        _report(session, own_task, judge, passed=passed)
        step = (
            Step(ReviewStatus.PASSED, "its result was accepted")
            if was_accepted(session, task)
            else after_verdict(_criteria(session, task), review.iteration, passed=passed)
        )
        step = progress.unless_unfollowed(session, task, review, step)
        progress.advance(session, task, author, review, step, decided_by=f"agent {judge.id}")
        return view(review)


def decide(
    db: Database,
    task_id: UUID,
    *,
    passed: bool,
    feedback: str = "",
    commit: str = "",
    decided_by: str,
) -> ReviewView:
    """Take a person's verdict on the work of a task that waits for it.

    Failed work is done again with the feedback, however often it has failed before.

    Args:
        commit: what the person has looked at, or its first characters; empty: whatever waits.

    Raises:
        NotFound: there is no such task.
        ReviewDecided: no review of it waits for a person, or it is about another commit.
        InvalidInput: failed without feedback, or it is out of bounds.
    """
    words = plain_text(feedback, "feedback", required=not passed)
    with db.transaction() as session:
        task = tasks.lock_to_end(session, task_id)
        review = store.open_of(session, task_id)
        if review is None or review.status != ReviewStatus.PERSON_REVIEW:
            raise ReviewDecided(_not_with_a_person(task, review))
        if not review.commit.startswith(commit):
            raise ReviewDecided(
                f"The review of task {task.id} is about commit {review.commit} now, not {commit}; "
                "look at that before you judge."
            )
        author = agents.lock(session, review.agent_id)
        review.feedback = words or None
        status = ReviewStatus.PASSED if passed else ReviewStatus.FAILED
        step = Step(status, "" if passed else "a person found it wanting")
        progress.advance(session, task, author, review, step, decided_by=decided_by)
        return view(review)


def _report(session: Session, task: "Task", judge: "Agent", *, passed: bool) -> None:
    task.summary = f"The work was judged: {'passed' if passed else 'not passed'}."
    if task.status == TaskStatus.ASSIGNED:
        reports.note_running(session, task, judge)
    if task.status != TaskStatus.UNDER_REVIEW:
        tasks.move(session, task, TaskStatus.UNDER_REVIEW, summary=task.summary)
    reports.ring_to_finish(session, judge)


def _criteria(session: Session, task: "Task") -> "ValidationCriteria":
    assert task.phase_id is not None, "only work of a phase is reviewed"
    found = criteria_of(workflows.phase(session, task.workflow_id, task.phase_id).spec)
    assert found is not None, "its phase asks for the review"
    return found


def _no_verdict_for(review: "Review") -> str:
    if review.status in OPEN:
        return "This review is with a person now; your verdict came too late. Stop."
    if review.status == ReviewStatus.DROPPED:
        return "The work is no longer under review, so your verdict has no effect. Stop."
    return f"This review is already decided: {review.status}. A verdict counts once. Stop."


def _not_with_a_person(task: "Task", review: "Review | None") -> str:
    if review is None:
        return f"No review of task {task.id} is open; the task is {task.status}."
    if review.status == ReviewStatus.CHECKING:
        return f"A host is running the checks of task {task.id}; look again when they are done."
    return (
        f"An agent judges task {task.id}. To decide yourself, cancel its task "
        f"{review.reviewer_task_id} and try again."
    )


def _feedback(feedback: str, evidence: list[str], recommendations: list[str]) -> str:
    lines = [plain_text(feedback, "feedback", required=True)]
    for title, items in (("Evidence", evidence), ("Recommended", recommendations)):
        texts = plain_texts(items, title.lower())
        if texts:
            lines += ["", f"{title}:", *(f"- {item}" for item in texts)]
    return "\n".join(lines)
