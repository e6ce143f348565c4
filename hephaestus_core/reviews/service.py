"""Reviews of work that was reported done: sending it back to its agent."""

from uuid import UUID

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.messages import service as messages
from hephaestus_core.tasks import store as tasks


def send_back(db: Database, agent_id: UUID, *, reason: str) -> bool:
    """Send a task under review back to its agent with the reason.

    Returns False if the task is no longer under review.

    Raises:
        StaleAttempt: the attempt is over.
    """
    with db.transaction() as session:
        task, agent = agents.lock_current(session, agent_id)
        if task.status != TaskStatus.UNDER_REVIEW:
            return False
        tasks.move(session, task, TaskStatus.NEEDS_WORK, reason=reason)
        messages.add(session, agent.id, reason, sender="Hephaestus")
        return True
