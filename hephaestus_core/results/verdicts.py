"""A person's verdict on a result, which is final and spares its reviewer the work."""

from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import ResultDecided
from hephaestus_core.contract.statuses import ResultStatus, TaskStatus
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.results import reviewing, store
from hephaestus_core.results.acceptance import act
from hephaestus_core.results.service import existing, views_of
from hephaestus_core.results.views import ResultView
from hephaestus_core.tasks import judges
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows


def decide_result(
    db: Database, result_id: UUID, *, passed: bool, feedback: str, decided_by: str
) -> ResultView:
    """Accept or reject a result that waits for its judgement; what follows is as for an agent's.

    Its reviewer is stopped.

    Args:
        feedback: the reason; needed for a rejection.

    Raises:
        NotFound: there is no such result.
        InvalidInput: a rejection has no reason, or it is out of bounds.
        ResultDecided: the result was judged before, or another one was accepted.
    """
    reason = plain_text(feedback, "feedback", required=not passed)
    with db.transaction() as session:
        workflow = workflows.lock(session, existing(session, result_id).workflow_id)
        result = existing(session, result_id)
        session.refresh(result)
        if result.status != ResultStatus.SUBMITTED:
            raise ResultDecided(f"This result is already {result.status}.")
        if passed and workflow.result_id is not None:
            raise ResultDecided("Another result of this workflow is already accepted.")
        result.judged_by = decided_by
        words = reason or f"{decided_by} has accepted it."
        if passed:
            result.feedback, result.judged_at = words, database_now(session)
            store.move(session, result, ResultStatus.ACCEPTED, feedback=words[:500])
            workflow.result_id, workflow.outcome = result.id, result.outcome
            act(session, workflow, result)
        else:
            reviewing.reject(session, workflow, result, feedback=words)
        _spare_judges(session, result_id, reason=f"{decided_by} has judged the result")
        session.flush()
        return views_of(session, [result])[0]


def _spare_judges(session: Session, result_id: UUID, *, reason: str) -> None:
    """Cancel the tasks that judge a result; last, so that what follows is there by then."""
    for judge in judges.judges_of(session, result_id):
        judge.failure_reason = reason
        tasks.move(session, judge, TaskStatus.CANCELLED, reason=reason)
