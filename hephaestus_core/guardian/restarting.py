"""A person has a live agent's task begun again from its last saved commit."""

from typing import Final
from uuid import UUID

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.views import AgentView, Trouble, view
from hephaestus_core.contract.errors import Conflict, StaleAttempt
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.contract.texts import plain
from hephaestus_core.db.engine import Database
from hephaestus_core.guardian.ending import end
from hephaestus_core.tasks import store as tasks

_AT_WORK: Final = frozenset({AgentStatus.WORKING, AgentStatus.IDLE})


def restart_from_commit(db: Database, agent_id: UUID, *, by: str) -> AgentView:
    """End a live attempt, and have another one begin from its last saved commit, without its talk.

    What it has done since is saved in its own branch. The new attempt does not count as a retry.

    Raises:
        NotFound: there is no such agent.
        Conflict: it is not at work on its task.
    """
    with db.transaction() as session:
        try:
            task, agent = agents.lock_current(session, agent_id)
        except StaleAttempt as error:
            raise Conflict(f"Agent {agent_id} has ended; restart its task instead.") from error
        if agent.status not in _AT_WORK or task.status == TaskStatus.UNDER_REVIEW:
            standing = agent.status if agent.status not in _AT_WORK else "done with its task"
            raise Conflict(f"Agent {agent_id} is {standing}; only one at work can be restarted.")
        agent.goes_back_to = agent.checkpoint_commit or agent.base_commit
        tasks.reset_for_restart(session, task.id)
        place = f" from {agent.goes_back_to[:8]}" if agent.goes_back_to else ""
        reason = f"{plain(by)} has restarted it{place}"
        end(session, agent, Trouble(FailureClass.AGENT_FAULT, reason))
        return view(agent)
