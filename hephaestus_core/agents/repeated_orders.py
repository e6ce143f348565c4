"""Tasks that an agent asks for again: after a lost answer, or as its task's earlier attempt did."""

from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.agents.models import Agent
from hephaestus_core.duplicates.likeness import most_alike
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.states import LIVE

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task


def asked_before(
    session: Session,
    own_task: "Task",
    agent: Agent,
    *,
    parent_task_id: UUID,
    phase_id: int | None,
    description: str,
) -> "Task | None":
    """Return the task that the order of a locked agent repeats; None: it is a new one.

    The same words of the same agent repeat its order while that task is live. An order of an
    earlier attempt need only mean the same, and is repeated by one order of each later attempt.
    """
    attempts = session.scalars(select(Agent.id).where(Agent.task_id == own_task.id)).all()
    orders = tasks.orders_of(session, attempts, parent_task_id=parent_task_id, phase_id=phase_id)
    for task in orders:
        own = task.creator_agent_id == agent.id
        if own and task.description == description and task.status in LIVE:
            return task
    earlier = [task for task in orders if task.creator_agent_id != agent.id]
    return _repeated(agent, earlier, description)


def _repeated(agent: Agent, earlier: "list[Task]", description: str) -> "Task | None":
    hashed = sha256(description.encode()).hexdigest()
    known = agent.orders_repeated
    again = next((task for task in earlier if known.get(str(task.id)) == hashed), None)
    if again is not None:
        return again
    free = [task for task in earlier if str(task.id) not in known]
    same = most_alike(description, [task.description for task in free])
    if same is None:
        return None
    agent.orders_repeated = {**known, str(free[same].id): hashed}
    return free[same]
