"""Pure decisions about agents: the next step of a host for one of its agents."""

from typing import Final, Literal

from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.tasks.states import HELD

Session = Literal["present", "gone", "unknown"]
Step = Literal["start", "leave", "checkpoint", "finish", "abandon"]


#: Attempts in a row that go on with one conversation; the next begins anew, in case the
#: conversation itself is what ends them.
MOST_RESUMES: Final = 3


def may_be_resumed(failure_class: str | None, *, parked: bool = False) -> bool:
    """Say whether the next attempt may go on with the conversation of one that ended so.

    Only where its session died, its provider's limit ended it, or it was ``parked`` to wait for an
    answer: an agent that gave up does better without what led to that.
    """
    return failure_class in {"transient", "quota"} or (parked and failure_class is None)


#: Begins the reason of an attempt that was ended because it did not answer reminders.
SILENCE: Final = "waited without a report"


def ended_in_silence(failure_class: str | None, reason: str | None) -> bool:
    """Say whether an attempt without a report has neither failed nor given up."""
    return failure_class is None or (
        failure_class == "agent_fault" and (reason or "").startswith(SILENCE)
    )


def resumes_in_a_row(before: int, *, waited: bool) -> int | None:
    """Return the resumes in a row of an attempt that goes on; None: it begins anew.

    Args:
        before: those of the attempt before it.
        waited: that ended to wait, for an answer or the end of a limit; so its conversation did
            not end it, and a new row begins.
    """
    if waited:
        return 0
    return before + 1 if before < MOST_RESUMES else None


def next_step(agent: HostAgent, session: Session) -> Step:
    """Decide a host's next step for an agent, given the state of its tmux session.

    ``start``: make worktree and session. ``leave``: nothing to do. ``checkpoint``: save its
    work while it goes on. ``finish``: end its processes, save its work, report how it ended.
    ``abandon``: the attempt is over for the system; end its processes, keep its work in git.

    Unknown is not dead: without an answer of tmux an agent is left alone, unless its attempt is
    over in the database.
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


#: Statuses of a task whose agent has work to do.
_AT_WORK: Final = HELD - {TaskStatus.UNDER_REVIEW}
