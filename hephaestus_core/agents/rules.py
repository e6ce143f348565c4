"""Pure decisions about agents: what a host does next with one of its own."""

from typing import Final, Literal

from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.tasks.states import HELD

Session = Literal["present", "gone", "unknown"]
Step = Literal["start", "leave", "checkpoint", "finish", "abandon"]


def next_step(agent: HostAgent, session: Session) -> Step:
    """Decide what a host does with an agent whose tmux session it has looked for.

    ``start``: make worktree and session. ``leave``: nothing to do. ``checkpoint``: save its
    work while it goes on. ``finish``: end its processes, save its work, report how it ended.
    ``abandon``: the attempt is over for the system; end its processes, keep its work in git.

    Unknown is not dead: where tmux gave no answer, an agent is left as it is, unless the
    database itself says that its time is over.
    """
    if agent.ended:
        return "abandon"
    if agent.stop_requested or not agent.current or agent.task_status not in _AT_WORK:
        return "finish"
    if session == "unknown":
        return "leave"
    if agent.status == AgentStatus.STARTING:
        return "start"
    if session == "gone":
        return "finish"
    return "checkpoint" if agent.awaited else "leave"


#: The agent has something to do; one whose task is under review has not.
_AT_WORK: Final = HELD - {TaskStatus.UNDER_REVIEW}
