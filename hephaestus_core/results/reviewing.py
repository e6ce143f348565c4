"""The reviews of a workflow's results, one at a time, and what follows a rejection.

Every function joins the open transaction and needs the lock of the workflow.
"""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.states import ENDED
from hephaestus_core.contract.statuses import ResultStatus, WorkflowStatus
from hephaestus_core.contract.texts import first_line
from hephaestus_core.contract.titles import TITLE_LIMIT, title_of
from hephaestus_core.db.engine import database_now
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.messages import service as messages
from hephaestus_core.results import descriptions, files, proofs, store
from hephaestus_core.results.models import Result
from hephaestus_core.results.rules import checks_of
from hephaestus_core.tasks import judges
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.states import LIVE
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

#: Most characters of feedback in a message; the result has the whole.
_TOLD_LIMIT: Final = 8000


def ask_for_review(session: Session, workflow: "Workflow", result: Result, author: UUID) -> None:
    """Add the review of a result, unless one of this workflow is under way: then it waits for that.

    A review that waits for its author's proof is not under way; it gives its place to one that need
    not wait.

    Args:
        session: the open one.
        workflow: locked.
        result: not judged yet.
        author: the agent whose saved work the reviewer sees.
    """
    judge = KINDS[tasks.get(session, result.task_id).kind].results_judged_by
    if judge is None:
        return
    first = _under_judgement(session, workflow.id)
    if first is None:
        order = TaskOrder(
            workflow_id=workflow.id,
            phase_id=None,
            kind=judge,
            priority="critical",
            created_by="result",
            done_definition="`submit_result_validation` was called with your judgement.",
            **_review_of(session, workflow, result, author),
        )
        add(session, order)
    elif proofs.awaiting(session, first) and not proofs.awaiting(session, result):
        held = judges.judge_awaiting_checks(session, first.id)
        if held is not None:
            values = _review_of(session, workflow, result, author)
            tasks.redirect(session, held, **values)


def _review_of(
    session: Session, workflow: "Workflow", result: Result, author: UUID
) -> dict[str, Any]:
    """Return the part of the order of a review that differs from result to result."""
    handed = files.files_of(session, [result.id])[result.id]
    return {
        "parent_task_id": result.task_id,
        "result_id": result.id,
        "awaits_checks": bool(checks_of(workflow.config, result.outcome)),
        "title": first_line(f"Judge the result: {title_of(result.explanation)}", TITLE_LIMIT),
        "description": descriptions.for_judge(result, workflow.config, handed),
        **_from_work_of(session, author),
    }


def _under_judgement(session: Session, workflow_id: UUID) -> Result | None:
    """Return the result whose review is live, if it is not judged yet."""
    query = select(Result).where(
        Result.id.in_(judges.under_judgement(session, workflow_id)),
        Result.status == ResultStatus.SUBMITTED,
    )
    return session.scalars(query.order_by(Result.submitted_at, Result.id).limit(1)).first()


def review_next(session: Session, workflow: "Workflow") -> bool:
    """Ask for the review of the next result, one that waits for no proof if there is one.

    Returns False if none waits for its review.
    """
    if workflow.status != WorkflowStatus.ACTIVE:
        return False
    query = select(Result).where(
        Result.workflow_id == workflow.id, Result.status == ResultStatus.SUBMITTED
    )
    waiting = list(session.scalars(query.order_by(Result.submitted_at, Result.id)))
    proven = (each for each in waiting if not proofs.awaiting(session, each))
    following = next(proven, waiting[0] if waiting else None)
    if following is None:
        return False
    ask_for_review(session, workflow, following, following.agent_id)
    return True


def reject(session: Session, workflow: "Workflow", result: Result, *, feedback: str) -> None:
    """Reject a result of a locked workflow, and go on with what follows from that.

    The next result is judged; else the task is made that ``on_result_rejected`` names. Without
    such a phase the author is told, or its next attempt, while there is work on its task.
    """
    result.feedback, result.judged_at = feedback, database_now(session)
    store.move(session, result, ResultStatus.REJECTED, feedback=feedback[:500])
    session.flush()
    _go_on(session, workflow, result)


def _go_on(session: Session, workflow: "Workflow", rejected: Result) -> None:
    if workflow.status != WorkflowStatus.ACTIVE:
        return
    mends = workflow.config.get("on_result_rejected") is not None
    if not mends:
        _tell_author(session, rejected)
    if not review_next(session, workflow) and mends:
        _ask_for_more(session, workflow, rejected)


def _tell_author(session: Session, rejected: Result) -> None:
    """Tell the author, or the attempt that goes on in its place."""
    author = agents.get(session, rejected.agent_id)
    if author.status not in ENDED or tasks.get(session, rejected.task_id).status in LIVE:
        words = f"Your result was rejected.\n\n{rejected.feedback}"[:_TOLD_LIMIT]
        advice = "Mend that, then submit the result again."
        messages.add(session, author.id, f"{words}\n\n{advice}", sender="Hephaestus")


def _ask_for_more(session: Session, workflow: "Workflow", rejected: Result) -> None:
    """Create the task that mends what was found, as often as its phase has rounds."""
    phase = workflows.phase(session, workflow.id, workflow.config["on_result_rejected"])
    if _rejections(session, workflow.id) > phase.spec.get("max_rounds", 1):
        return
    add(
        session,
        TaskOrder(
            workflow_id=workflow.id,
            phase_id=phase.phase_id,
            by_system=True,
            priority="high",
            parent_task_id=rejected.task_id,
            created_by="rejected result",
            title=first_line(
                f"Mend what was found: {title_of(rejected.feedback or '')}", TITLE_LIMIT
            ),
            description=descriptions.after_rejection(rejected),
            **_from_work_of(session, rejected.agent_id),
        ),
    )


def _rejections(session: Session, workflow_id: UUID) -> int:
    rejected = select(func.count()).where(
        Result.workflow_id == workflow_id, Result.status == ResultStatus.REJECTED
    )
    return session.scalar(rejected) or 0


def _from_work_of(session: Session, agent_id: UUID) -> dict[str, Any]:
    """Return the part of an order by which a task starts from an agent's work, saved or not yet."""
    agent = agents.get(session, agent_id)
    if agent.status in ENDED:
        return {"start_commit": agent.checkpoint_commit}
    return {"creator_agent_id": agent_id, "awaits_creator": True}
