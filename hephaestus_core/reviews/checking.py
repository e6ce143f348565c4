"""The part of a review that hosts do: they save the work, and run the checks of its phase."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.statuses import ReviewStatus, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.reviews import progress, store
from hephaestus_core.reviews.rules import Step, after_checks, criteria_of, failures_told
from hephaestus_core.reviews.wanted import wanted
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.accepted import was_accepted
from hephaestus_core.workflows import store as workflows

Stage = Literal["none", "due", "checking", "over"]


def stage_of(db: Database, agent_id: UUID) -> Stage:
    """Return how far the review of an agent's report is.

    ``none``: there is none to be. ``due``: save the work and begin it. ``checking``: leave the
    agent as it is, since it gets what fails. ``over``: the attempt has no more to do.
    """
    with db.reading() as session:
        agent = agents.get(session, agent_id)
        task = tasks.get(session, agent.task_id)
        held = task.agent_id == agent.id and task.status == TaskStatus.UNDER_REVIEW
        if agent.ended_at is not None or not held or wanted(session, task) is None:
            return "none"
        review = store.standing_of(session, agent_id)
        if review is None:
            return "due"
        return "checking" if review.status == ReviewStatus.CHECKING else "over"


def begin_review(db: Database, agent_id: UUID, *, commit: str) -> None:
    """Begin the review of a live agent's reported work, saved as ``commit``.

    A second call changes nothing.

    Raises:
        StaleAttempt: the attempt is over.
    """
    with db.transaction() as session:
        task, agent = agents.lock_current(session, agent_id, ending=True)
        criteria = wanted(session, task)
        if task.status != TaskStatus.UNDER_REVIEW or criteria is None:
            return
        if store.open_of(session, task.id) is None:
            agent.checkpoint_commit = commit
            progress.begin(session, task, agent, criteria, commit=commit)


def record_checks(db: Database, review_id: UUID, outcomes: Sequence[CheckOutcome]) -> bool:
    """Record the outcomes of all checks, and go on with the review.

    Returns False, and changes nothing, if the review no longer waits for them.
    """
    with db.transaction() as session:
        known = store.get(session, review_id)
        if known is None:
            return False
        task = tasks.lock_to_end(session, known.task_id)
        agent = agents.lock(session, known.agent_id)
        review = store.lock(session, review_id)
        if review.status != ReviewStatus.CHECKING:
            return False
        if task.status != TaskStatus.UNDER_REVIEW:
            # Earlier versions left it open when an accepted result ended its attempt.
            reason = f"its task is {task.status}"
            store.move(session, review, ReviewStatus.DROPPED, reason=reason)
            return False
        criteria = criteria_of(_phase(session, task.workflow_id, task.phase_id))
        assert criteria is not None, "its phase asks for the review"
        review.checks = [outcome.to_dict() for outcome in outcomes]
        review.checked_at = database_now(session)
        review.feedback = failures_told(outcomes) or None
        step = (
            Step(ReviewStatus.PASSED, "its result was accepted")
            if was_accepted(session, task)
            else progress.unless_unfollowed(
                session, task, review, after_checks(outcomes, criteria, review.iteration)
            )
        )
        progress.advance(session, task, agent, review, step)
        return True


def _phase(session: Session, workflow_id: UUID, phase_id: int | None) -> dict[str, object]:
    assert phase_id is not None, "only work of a phase is reviewed"
    return workflows.phase(session, workflow_id, phase_id).spec
