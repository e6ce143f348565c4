"""The reviews of a workflow's results, one at a time, and what follows a rejection.

Every function joins the open transaction and needs the lock of the workflow.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.states import ENDED
from hephaestus_core.contract.definitions.config import DEFAULT_RESULT_CRITERIA
from hephaestus_core.contract.statuses import ResultOutcome, ResultStatus, WorkflowStatus
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT
from hephaestus_core.contract.titles import TITLE_LIMIT, title_of
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.results.models import Result
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

_REVIEW: Final = (
    "Judge the result that another agent submitted for this workflow. Your worktree holds that "
    "agent's work. Check the criteria yourself, by running things; the explanation is a claim, not "
    "a proof."
)
#: Most characters of each of the parts of a description.
_PART_LIMIT: Final = DESCRIPTION_LIMIT // 6


def ask_for_review(session: Session, workflow: "Workflow", result: Result, author: UUID) -> None:
    """Add the review of a result, unless one of this workflow is under way: then it waits for that.

    Args:
        session: the open one.
        workflow: locked.
        result: not judged yet.
        author: the agent whose saved work the reviewer sees.
    """
    judge = KINDS[tasks.get(session, result.task_id).kind].results_judged_by
    if judge is None or _judges_at_work(session, workflow.id):
        return
    add(
        session,
        TaskOrder(
            workflow_id=workflow.id,
            phase_id=None,
            kind=judge,
            priority="critical",
            parent_task_id=result.task_id,
            created_by="result",
            result_id=result.id,
            title=f"Judge the result: {title_of(result.explanation)}"[:TITLE_LIMIT],
            description=_review_text(result, workflow.config),
            done_definition="`submit_result_validation` was called with your judgement.",
            **_from_work_of(session, author),
        ),
    )


def _judges_at_work(session: Session, workflow_id: UUID) -> bool:
    """Say whether a review is live whose result is not judged yet."""
    unjudged = exists().where(
        Result.id.in_(tasks.under_judgement(session, workflow_id)),
        Result.status == ResultStatus.SUBMITTED,
    )
    return bool(session.scalar(select(unjudged)))


def after_rejection(session: Session, workflow: "Workflow", rejected: Result) -> None:
    """Have the next result judged, else create the task that ``on_result_rejected`` names."""
    if workflow.status != WorkflowStatus.ACTIVE:
        return
    query = select(Result).where(
        Result.workflow_id == workflow.id, Result.status == ResultStatus.SUBMITTED
    )
    waiting = session.scalars(query.order_by(Result.submitted_at, Result.id).limit(1)).first()
    if waiting is not None:
        ask_for_review(session, workflow, waiting, waiting.agent_id)
    elif workflow.config.get("on_result_rejected") is not None:
        _ask_for_more(session, workflow, rejected)


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
            title=f"Mend what was found: {title_of(rejected.feedback or '')}"[:TITLE_LIMIT],
            description=(
                "The workflow's result was rejected. Mend what its reviewer found.\n\n"
                f"## What the reviewer found\n{_cut(rejected.feedback or '')}\n\n"
                f"## The result\n{_cut(rejected.explanation)}"
            ),
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


def _review_text(result: Result, config: Mapping[str, Any]) -> str:
    evidence = "\n".join(f"- {item}" for item in result.evidence) or "- none given"
    criteria = config.get("result_criteria") or DEFAULT_RESULT_CRITERIA
    parts = {
        "Criteria": str(criteria),
        "Checks": _checks(config.get("result_checks") or ()),
        "Outcome": _outcome(result.outcome),
        "Explanation": result.explanation,
        "Evidence named": evidence,
        "Result": result.content,
    }
    sections = [f"## {title}\n{_cut(text)}" for title, text in parts.items() if text]
    return "\n\n".join([_REVIEW, *sections])


def _outcome(outcome: ResultOutcome) -> str:
    if outcome == ResultOutcome.DONE:
        return ""
    return (
        f"The agent says `{outcome}`: {outcome.sentence} So the criteria are not met, and you "
        "judge whether that is true and whether enough was tried to know it."
    )


def _checks(checks: Sequence[Mapping[str, Any]]) -> str:
    """Return the checks for the reviewer, who runs them: each with what it names."""
    lines = []
    for check in checks:
        named = [check["description"], check["command"], *check["target"], *check["pattern"]]
        lines.append(f"- {check['check_type']}: {'; '.join(text for text in named if text)}")
    return "\n".join(["Run these first, each must pass:", *lines]) if lines else ""


def _cut(part: str) -> str:
    """Return one part of a description, shortened to its share."""
    if len(part) <= _PART_LIMIT:
        return part
    return f"{part[:_PART_LIMIT]}\n(cut here; get_workflow_results has the whole)"
