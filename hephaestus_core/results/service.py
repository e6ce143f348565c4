"""Use cases of results: submitted by an agent, judged by another, one accepted per workflow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.agents import reports
from hephaestus_core.agents import store as agents
from hephaestus_core.agents.proofs import checked_proof
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.errors import Forbidden, NotFound, ResultDecided
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import ResultOutcome, ResultStatus, TaskStatus, checked_word
from hephaestus_core.contract.texts import plain_text, plain_texts
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.results import files, proofs, reviewing, store
from hephaestus_core.results.acceptance import act
from hephaestus_core.results.models import Result
from hephaestus_core.results.views import FileView, ResultView
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

#: Most characters of a result's text.
_CONTENT_LIMIT: Final = 200_000


def submit(
    db: Database,
    agent_id: UUID,
    *,
    explanation: str,
    evidence: list[str] | None = None,
    content: str = "",
    outcome: str = ResultOutcome.DONE,
    proof: Mapping[str, str] | None = None,
    files_request: UUID | None = None,
) -> ResultView:
    """Submit a workflow's result; it waits until another agent has judged it.

    Every workflow takes results; ``has_result`` says whether it is incomplete without one. An equal
    result, sent again after a lost answer or by a new attempt at the task, returns the first one
    and is not judged twice. One that is submitted while another is under judgement waits until that
    one is rejected.

    Args:
        files_request: of :func:`hephaestus_core.results.files.ask`; the host has answered it.

    Raises:
        StaleAttempt: the agent's attempt is over.
        Forbidden: the agent's own task is to judge a result.
        InvalidInput: a text or the proof is out of bounds, or the host has refused a file.
        Unavailable: the host has not read the files.
        ResultDecided: a result was accepted before.
        WorkflowClosed: the workflow takes no more work.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, agents.get(session, agent_id).workflow_id)
        if workflow.result_id is not None:
            raise ResultDecided(
                "This workflow's result is already accepted; there is nothing more to do."
            )
        task, agent = agents.lock_current(session, agent_id)
        if KINDS[task.kind].results_judged_by is None:
            raise Forbidden(
                "Agents at tasks of this kind submit no result; report on your own task."
            )
        if proof:
            agent.proof = checked_proof(proof) or agent.proof
        if task.status == TaskStatus.ASSIGNED:
            reports.note_running(session, task, agent)
        result = Result(
            workflow_id=workflow.id,
            task_id=task.id,
            agent_id=agent.id,
            status=ResultStatus.SUBMITTED,
            outcome=checked_word(ResultOutcome, outcome, "outcome"),
            explanation=plain_text(explanation, "explanation", required=True),
            evidence=plain_texts(evidence or [], "evidence"),
            content=plain_text(content, "content", limit=_CONTENT_LIMIT),
        )
        waiting = _added(session, result, files_request)
        # Its reviewer may have failed, or a person may have stopped it.
        reviewing.ask_for_review(session, workflow, waiting, agent.id)
        return _view(session, waiting)


def _added(session: Session, result: Result, files_request: UUID | None) -> Result:
    """Add a result with its files; return the equal one that was submitted before, if any."""
    handed = []
    if files_request is not None:
        handed = files.taken_over(session, files_request, result.agent_id)
    known = _submitted_before(session, result, handed)
    if known is not None:
        if files_request is not None:
            files.drop(session, files_request)
        return known
    session.add(result)
    session.flush()
    if files_request is not None:
        files.attach(session, files_request, result.id, result.workflow_id)
    store.tell(session, result, EventType.RESULT_SUBMITTED, outcome=result.outcome)
    return result


def judge(
    db: Database,
    agent_id: UUID,
    *,
    passed: bool,
    feedback: str,
    evidence: list[str] | None = None,
) -> ResultView:
    """Record the judgement of the agent whose task is the review of a result.

    For an accepted result, ``on_result_found`` is applied to all tasks of the workflow, including
    those that are being started.

    Raises:
        Forbidden: the agent's task is no review, or the result is its own.
        StaleAttempt: the agent's attempt is over.
        ResultDecided: the result was judged before, or another one was accepted.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, agents.get(session, agent_id).workflow_id)
        task, agent = agents.lock_current(session, agent_id)
        judges = KINDS[task.kind].judges_result
        result = session.get(Result, task.result_id) if judges else None
        if result is None:
            raise Forbidden("Your task is not the review of a result; only its reviewer judges.")
        if result.agent_id == agent.id:
            raise Forbidden("You cannot judge your own result; another agent must.")
        if result.status != ResultStatus.SUBMITTED:
            raise ResultDecided(f"This result is already {result.status}.")
        if passed and workflow.result_id is not None:
            raise ResultDecided("Another result of this workflow is already accepted.")
        result.judged_by_agent_id = agent.id
        # The judgement is also the report of the review's task.
        task.summary = f"The result was {'accepted' if passed else 'rejected'}."
        if task.status == TaskStatus.ASSIGNED:
            reports.note_running(session, task, agent)
        if task.status == TaskStatus.IN_PROGRESS:
            tasks.move(session, task, TaskStatus.UNDER_REVIEW)
        words = _feedback(feedback, evidence)
        if passed:
            result.feedback, result.judged_at = words, database_now(session)
            store.move(session, result, ResultStatus.ACCEPTED, feedback=words[:500])
            workflow.result_id, workflow.outcome = result.id, result.outcome
            act(session, workflow, result, review_id=task.id)
        else:
            reviewing.reject(session, workflow, result, feedback=words)
        return _view(session, result)


def page_of_results(
    db: Database, workflow_id: UUID, *, limit: int = 50, cursor: tuple[datetime, UUID] | None = None
) -> tuple[list[ResultView], tuple[datetime, UUID] | None]:
    """Return a page of a workflow's results, oldest first, and the cursor of the next page.

    Raises:
        NotFound: no such workflow.
    """
    query = select(Result).where(Result.workflow_id == workflow_id)
    if cursor is not None:
        query = query.where(tuple_(Result.submitted_at, Result.id) > cursor)
    with db.reading() as session:
        workflows.get(session, workflow_id)
        ordered = query.order_by(Result.submitted_at, Result.id).limit(limit + 1)
        found = views_of(session, list(session.scalars(ordered)))
    shown = found[:limit]
    return shown, (shown[-1].submitted_at, shown[-1].id) if len(found) > limit else None


def shown_result(
    session: Session, workflow_id: UUID, accepted_id: UUID | None
) -> ResultView | None:
    """Return the accepted result, else the newest one; joins the open session."""
    query = select(Result).where(Result.workflow_id == workflow_id)
    if accepted_id is not None:
        query = query.where(Result.id == accepted_id)
    found = session.scalars(query.order_by(Result.submitted_at.desc()).limit(1)).first()
    return None if found is None else _view(session, found)


def result_of(db: Database, workflow_id: UUID, accepted_id: UUID | None) -> ResultView | None:
    """Return the accepted result of a workflow, else the newest one, if there is any."""
    with db.reading() as session:
        return shown_result(session, workflow_id, accepted_id)


def get_result(db: Database, result_id: UUID) -> ResultView:
    """Return one result.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return _view(session, existing(session, result_id))


def existing(session: Session, result_id: UUID) -> Result:
    """Return the result; joins the open session.

    Raises:
        NotFound: there is none with this id.
    """
    result = session.get(Result, result_id)
    if result is None:
        raise NotFound(
            f"There is no result {result_id}; list the workflow's results to see their ids.",
            field="result_id",
        )
    return result


def _submitted_before(
    session: Session, result: Result, handed: Sequence[FileView]
) -> Result | None:
    query = select(Result).where(
        Result.workflow_id == result.workflow_id,
        Result.task_id == result.task_id,
        Result.status == ResultStatus.SUBMITTED,
        Result.explanation == result.explanation,
        Result.content == result.content,
        Result.outcome == result.outcome,
    )
    found = list(session.scalars(query))
    with_files = files.files_of(session, [each.id for each in found])
    wanted = _contents(handed)
    return next((each for each in found if _contents(with_files[each.id]) == wanted), None)


def _contents(handed: Sequence[FileView]) -> set[tuple[str, str]]:
    return {(file.path, file.sha256) for file in handed}


def _feedback(feedback: str, evidence: list[str] | None) -> str:
    lines = [plain_text(feedback, "feedback", required=True)]
    lines += [f"- {item}" for item in plain_texts(evidence or [], "evidence")]
    return "\n".join(lines)


def _view(session: Session, result: Result) -> ResultView:
    return views_of(session, [result])[0]


def views_of(session: Session, results: Sequence[Result]) -> list[ResultView]:
    """Return results as readers see them, in the same order; joins the open session."""
    handed = files.files_of(session, [result.id for result in results])
    awaits = proofs.all_awaiting(session, results)
    return [_shown(result, handed[result.id], awaits.get(result.id, [])) for result in results]


def _shown(result: Result, handed: list[FileView], awaits_proof: list[str]) -> ResultView:
    fields = set(ResultView.__dataclass_fields__) - {"files", "checks", "awaits_proof"}
    checks = [CheckOutcome.from_dict(each) for each in result.checks]
    values = {name: getattr(result, name) for name in fields}
    return ResultView(files=handed, checks=checks, awaits_proof=awaits_proof, **values)
