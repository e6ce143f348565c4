"""Results whose checks wait for the proof that the author's report brings.

Nothing is stored of the wait: it follows from the author's attempt, its task and its proof. So it
ends with the report or the attempt, whatever is killed in between.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.statuses import ResultStatus, TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.results.models import Result
from hephaestus_core.results.rules import checks_of
from hephaestus_core.reviews.due import surroundings
from hephaestus_core.reviews.rules import unproven
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

#: The statuses of a task whose agent is still to report.
UNREPORTED: Final = frozenset({TaskStatus.ASSIGNED, TaskStatus.IN_PROGRESS, TaskStatus.NEEDS_WORK})


def awaiting(session: Session, result: Result) -> list[str]:
    """Return the types of a result's checks for which its author is still to hand in a proof.

    None once the author has reported, or its attempt is over: then they run without one.
    Joins the open transaction.
    """
    author = agents.get(session, result.agent_id)
    return _awaiting(session, result, author, tasks.get(session, result.task_id))


def all_awaiting(session: Session, results: Iterable[Result]) -> dict[UUID, list[str]]:
    """Return what :func:`awaiting` does, by result, for those that nobody has judged."""
    unjudged = [result for result in results if result.status == ResultStatus.SUBMITTED]
    if not unjudged:
        return {}
    authors = {each.id: each for each in agents.of_ids(session, {r.agent_id for r in unjudged})}
    owners = tasks.of_ids(session, {result.task_id for result in unjudged})
    return {
        result.id: _awaiting(session, result, authors[result.agent_id], owners[result.task_id])
        for result in unjudged
    }


def awaited(db: Database, result_id: UUID) -> list[str]:
    """Return the types of the checks for which an unjudged result waits for a proof."""
    with db.reading() as session:
        result = session.get_one(Result, result_id)
        return awaiting(session, result) if result.status == ResultStatus.SUBMITTED else []


def gaps(db: Database, agent_id: UUID) -> list[str]:
    """Return what an agent's report would lack for the checks of the results that it submitted."""
    query = select(Result).where(
        Result.agent_id == agent_id, Result.status == ResultStatus.SUBMITTED
    )
    with db.reading() as session:
        author = agents.get(session, agent_id)
        found = [_unproven(session, result, author) for result in session.scalars(query)]
    types = dict.fromkeys(type_ for each in found for type_ in each)
    return [f"The check {type_} of your result needs `command` in `proof`." for type_ in types]


def _awaiting(session: Session, result: Result, author: "Agent", task: "Task") -> list[str]:
    if author.ended_at is not None or task.status not in UNREPORTED:
        return []
    return _unproven(session, result, author)


def _unproven(session: Session, result: Result, author: "Agent") -> list[str]:
    workflow = workflows.get(session, result.workflow_id)
    checks = checks_of(workflow.config, result.outcome)
    if not checks:
        return []
    known = surroundings(session, workflow.id)["test_command"]
    return unproven(checks, author.proof, known)
