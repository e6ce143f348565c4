"""The end of an attempt whose work is reviewed."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.rules import ended_in_silence
from hephaestus_core.agents.views import Ending
from hephaestus_core.changes import endings
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.messages import told as messages
from hephaestus_core.reviews import progress, store
from hephaestus_core.reviews.wanted import is_to_correct, wanted
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.accepted import was_accepted

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

#: The summary of work that its agent has not reported.
_SILENT: Final = "Not reported: the agent ended in silence, and its saved work was reviewed."
_UNCOMMITTED: Final = (
    "the agent reported its task done with uncommitted changes, and ended before it could be told. "
    "Commit or discard them, then report again"
)
_UNHEARD: Final = "the agent ended before it heard why its work was sent back; a message tells it"


def record_ended(db: Database, agent_id: UUID, *, fence: int, ending: Ending) -> bool:
    """Record the end of an attempt as ``changes.endings.record_ended`` does.

    Work that is to be reviewed is not merged yet: its task stays under review. Saved work of an
    agent that ended in silence is reviewed too, where the phase has checks. Reported work of which
    a part is uncommitted is neither merged nor reviewed: the next attempt commits that. An agent
    that ended before it heard why its work was sent back is not at fault; the next attempt hears.

    Raises:
        NotFound: there is no such agent.
    """
    return endings.record_ended(db, agent_id, fence=fence, ending=ending, review=_take_over)


def _take_over(session: Session, task: "Task", agent: "Agent", ending: Ending) -> bool:
    if ending.kept_at is not None or ending.lost is not None:
        return False
    untold = _still_to_hear(session, task, agent, ending)
    if untold is not None:
        agent.conversation = ending.conversation
        agents.fail_task(session, task, agent, FailureClass.TRANSIENT, untold)
        return True
    criteria = wanted(session, task)
    if criteria is None:
        return False
    commit = ending.commit or agent.checkpoint_commit or agent.base_commit
    if commit is None:
        return False
    if task.status == TaskStatus.UNDER_REVIEW:
        review = store.standing_of(session, agent.id)
        if review is None:
            progress.begin(session, task, agent, criteria, commit=commit)
        else:
            progress.settle(session, task, agent, review)
    elif (
        criteria.checks and _is_silent(task, agent) and agents.holds_work(session, task.id, commit)
    ):
        if progress.fail_again(session, task, agent, commit):
            return True
        task.summary = _SILENT
        tasks.move(session, task, TaskStatus.UNDER_REVIEW, summary=_SILENT)
        progress.begin(session, task, agent, criteria, commit=commit, unreported=True)
    else:
        return False
    tasks.go_on_from(task, agent.checkpoint_commit)
    # The next attempt goes on with it if the review fails.
    agent.conversation = ending.conversation
    return True


def _still_to_hear(session: Session, task: "Task", agent: "Agent", ending: Ending) -> str | None:
    """Return what the next attempt is told in place of an agent that its host could not tell."""
    if task.status == TaskStatus.NEEDS_WORK:
        unheard = messages.has_unheard(session, agent.id, sender=progress.SENDER)
        to_retry = agent.failure_class is None and not was_accepted(session, task)
        return _UNHEARD if unheard and to_retry else None
    unjudged = ending.uncommitted and store.standing_of(session, agent.id) is None
    return _UNCOMMITTED if unjudged and is_to_correct(session, task) else None


def _is_silent(task: "Task", agent: "Agent") -> bool:
    at_work = task.status in {TaskStatus.IN_PROGRESS, TaskStatus.NEEDS_WORK}
    parked = agent.parked_for is not None
    return at_work and not parked and ended_in_silence(agent.failure_class, agent.failure_reason)
