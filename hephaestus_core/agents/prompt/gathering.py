"""The facts of an attempt, gathered from its rows; joins the open transaction."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import parking, store
from hephaestus_core.agents.allowances import most_tasks
from hephaestus_core.agents.prompt import context
from hephaestus_core.agents.prompt.parts import Hearsay, PromptParts
from hephaestus_core.agents.rejected_results import rejections
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.enrichment.store import hints_of
from hephaestus_core.memory.searching import Near, near_to, search
from hephaestus_core.memory.store import use
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.vectors.service import Vectors
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task
    from hephaestus_core.workflows.models import Phase

#: Rejected results whose reasons later agents are told.
_MOST_REJECTED: Final = 2
#: Memories that an agent is told unasked.
_MOST_MEMORIES: Final = 4


def near_for(db: Database, agent_id: UUID, vectors: Vectors | None) -> Near:
    """Return the memories that are near to what an agent's prompt is about.

    It may not be called in a transaction.
    """
    if vectors is None or not vectors.knows_meaning():
        return []  # most stacks: spare them the look-ups
    with db.reading() as session:
        agent = store.get(session, agent_id)
        if agent.prompt is not None:
            return []
        question = _question(tasks.get(session, agent.task_id))
        repository = workflows.get(session, agent.workflow_id).repository
    return near_to(vectors, repository, question)


def spec_of(task: "Task", phases: "Sequence[Phase]") -> dict[str, Any] | None:
    """Return what the phase of a task is to be, of the phases of its workflow."""
    return next((phase.spec for phase in phases if phase.phase_id == task.phase_id), None)


def parts_of(
    session: Session,
    task: "Task",
    agent: "Agent",
    *,
    phases: "Sequence[Phase]",
    facts: Mapping[str, str],
    near: Near,
) -> PromptParts:
    """Return the facts from which the prompt of an attempt is written.

    Args:
        phases: all of the workflow, in order.
        facts: those in force in the workflow.
        near: from :func:`near_for`.
    """
    workflow = workflows.get(session, task.workflow_id)
    return PromptParts(
        agent_id=agent.id,
        task_id=task.id,
        workflow_id=workflow.id,
        attempt=agent.attempt,
        kind=task.kind,
        created_by=task.created_by,
        title=task.title,
        description=task.description,
        done_definition=task.done_definition,
        branch=agent.branch,
        phase=spec_of(task, phases),
        phases=[(p.phase_id, p.name, str(p.spec["description"])) for p in phases],
        workflow_title=workflow.title,
        workflow_description=workflow.description,
        launch_text=_launch_text(session, task, workflow.initial_task_id),
        config=workflow.config,
        facts=facts,
        rejected=[each.feedback for each in rejections(session, workflow.id, limit=_MOST_REJECTED)],
        most_tasks=most_tasks(workflow, task.kind),
        origin=context.origin_of(session, task),
        earlier=context.earlier_attempts(session, task, agent),
        answers=parking.answers_of(session, task, agent),
        hints=hints_of(session, task.id),
        memories=_memories(session, task, agent, workflow.repository, near),
        colleagues=context.colleagues_of(session, agent),
    )


def _launch_text(session: Session, task: "Task", initial_id: UUID | None) -> str:
    if initial_id is None or initial_id == task.id:
        return ""
    return tasks.get(session, initial_id).description


def _question(task: "Task") -> str:
    return f"{task.title}\n{task.description}"


def _memories(
    session: Session, task: "Task", agent: "Agent", repository: str, near: Near
) -> list[Hearsay]:
    """Return what bears on the task, which counts as used by the agent; judges get nothing."""
    if KINDS[task.kind].template is not None:
        return []
    now = database_now(session)
    found = search(session, repository, _question(task), now=now, limit=_MOST_MEMORIES, near=near)
    use(session, agent.id, [each.id for each in found])
    return [Hearsay(each.id, each.text, each.commit, each.files) for each in found]
