"""The checks of a result, which a host runs before anybody judges it.

Until they pass, the task of its reviewer is pending. So results are checked one after the other,
and a workflow with a result under check is neither at its end nor delivered. If they need a proof,
they wait for the author's report, which brings it; other results need not wait for that.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import ResultOutcome, ResultStatus, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.db.isolated import for_each
from hephaestus_core.results import descriptions, files, proofs, reviewing, store
from hephaestus_core.results.models import Result
from hephaestus_core.results.rules import checks_of
from hephaestus_core.reviews.due import surroundings
from hephaestus_core.reviews.rules import failures_told
from hephaestus_core.reviews.views import DueChecks
from hephaestus_core.tasks import judges
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task
    from hephaestus_core.workflows.models import Workflow

#: The author's host runs the checks, once the author's work is saved; any other one if that is
#: away and the attempt has ended.
_DUE: Final = text("""
    SELECT r.id, r.workflow_id, r.outcome, w.repository, w.base_branch, w.config, a.proof,
           coalesce(t.start_commit, a.base_commit) AS commit,
           coalesce(a.base_commit, t.start_commit) AS base_commit
    FROM tasks t JOIN results r ON r.id = t.result_id JOIN agents a ON a.id = r.agent_id
         JOIN workflows w ON w.id = r.workflow_id
    WHERE t.status = 'pending' AND t.awaits_checks AND NOT t.awaits_creator
      AND r.status = 'submitted' AND coalesce(t.start_commit, a.base_commit) IS NOT NULL
      AND (a.host = :host OR (a.ended_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM hosts h WHERE h.name = a.host AND h.status = 'active'
        AND h.lease_expires_at > now()
    )))
    ORDER BY r.submitted_at, r.id
""")
#: Results whose turn it is and that are not checked yet, with those that have had no turn.
_OTHERS_WAIT: Final = text("""
    SELECT t.workflow_id, r.id, o.id
    FROM tasks t JOIN results r ON r.id = t.result_id
         JOIN results o ON o.workflow_id = t.workflow_id AND o.id <> r.id
    WHERE t.status = 'pending' AND t.awaits_checks
      AND r.status = 'submitted' AND o.status = 'submitted'
      AND NOT EXISTS (
        SELECT FROM tasks j WHERE j.workflow_id = t.workflow_id AND j.result_id = o.id
      )
    ORDER BY o.submitted_at, o.id LIMIT 200
""")
#: The statuses of outcomes with which a result goes to its reviewer.
_GOOD: Final = frozenset({"passed"})


def due_checks(db: Database, host: str) -> list[DueChecks]:
    """Return the checks of results that this host is to run, oldest first."""
    with db.reading() as session:
        found = list(session.execute(_DUE, {"host": host}).mappings())
        return [_due(session, **row) for row in found if not _awaits_proof(session, row["id"])]


def let_proven_go_first(db: Database) -> None:
    """Give the turn of results that wait for their proofs to those that need not wait any more."""
    with db.reading() as session:
        found = session.execute(_OTHERS_WAIT).all()
        overtaken = {
            workflow_id
            for workflow_id, first, other in found
            if _awaits_proof(session, first) and not _awaits_proof(session, other)
        }
    for_each(partial(_review_next, db), overtaken, work="results.review_next")


def _review_next(db: Database, workflow_id: UUID) -> None:
    with db.transaction() as session:
        reviewing.review_next(session, workflows.lock(session, workflow_id))


def _awaits_proof(session: Session, result_id: UUID) -> bool:
    return bool(proofs.awaiting(session, session.get_one(Result, result_id)))


def record_checks(
    db: Database,
    result_id: UUID,
    outcomes: Sequence[CheckOutcome],
    *,
    commit: str,
    proof: Mapping[str, str],
) -> bool:
    """Record the outcomes of all checks: the result goes to its reviewer, or is rejected.

    Returns False, and changes nothing, if the result no longer waits for them, or its author has
    handed in another proof than the one with which they ran: they are run again with that.
    """
    with db.transaction() as session:
        known = session.get(Result, result_id)
        if known is None:
            return False
        workflow = workflows.lock(session, known.workflow_id)
        judge = judges.judge_awaiting_checks(session, result_id)
        result = session.get_one(Result, result_id, populate_existing=True)
        if judge is None or result.status != ResultStatus.SUBMITTED:
            return False
        if agents.get(session, result.agent_id).proof != proof:
            return False
        result.checks = [outcome.to_dict() for outcome in outcomes]
        result.checked_commit, result.checked_at = commit, database_now(session)
        failed = any(outcome.status not in _GOOD for outcome in outcomes)
        said = "failed" if failed else "passed"
        store.tell(session, result, EventType.RESULT_CHECKED, commit=commit, status=said)
        if failed:
            _reject(session, workflow, result, judge)
        else:
            judge.start_commit = commit
            handed = files.files_of(session, [result.id])[result.id]
            description = descriptions.for_judge(result, workflow.config, handed)
            tasks.queue_checked(session, judge, description=description)
        return True


def _reject(session: Session, workflow: "Workflow", result: Result, judge: "Task") -> None:
    outcomes = [CheckOutcome.from_dict(each) for each in result.checks]
    reviewing.reject(session, workflow, result, feedback=failures_told(outcomes))
    # Last of all, so that the workflow has a live task until another one is made.
    judge.failure_reason = "a check of the result failed"
    tasks.move(session, judge, TaskStatus.CANCELLED, reason=judge.failure_reason)


def _due(
    session: Session,
    *,
    workflow_id: UUID,
    outcome: str,
    config: dict[str, Any],
    base_branch: str,
    **row: Any,
) -> DueChecks:
    return DueChecks(
        checks=checks_of(config, ResultOutcome(outcome)),
        # It stands for all of the workflow's work.
        compared_with=(base_branch,),
        **surroundings(session, workflow_id),
        **row,
    )
