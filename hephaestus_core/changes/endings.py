"""The end of an attempt: its slot is freed and its task goes on."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents import unsaved
from hephaestus_core.agents.claims import another_may_start
from hephaestus_core.agents.rules import ended_in_silence, may_be_resumed
from hephaestus_core.agents.states import ENDED
from hephaestus_core.agents.views import Ending, Trouble
from hephaestus_core.changes import store
from hephaestus_core.changes.models import Diff, Merge
from hephaestus_core.changes.waiting import waits_for_children
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus, MergeStatus, TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts import faults
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.memory.saving import learn
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.accepted import closed_its_workflow
from hephaestus_core.tasks.followers import missing_after
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.reviews import drop_reviews
from hephaestus_core.tasks.states import ENDED as TASK_ENDED
from hephaestus_core.tasks.states import HELD
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task


#: Takes over a locked task whose attempt has ended, in place of its merge or its retry, if it is
#: to be reviewed; says whether it does.
TakeOver = Callable[[Session, "Task", "Agent", Ending], bool]

#: Why a review is dropped whose work is merged without it.
_ACCEPTED: Final = "its result was accepted"


def record_ended(
    db: Database, agent_id: UUID, *, fence: int, ending: Ending, review: TakeOver | None = None
) -> bool:
    """Record the end of an attempt and its saved work, and free its slot.

    A task that was reported done gets its merge. Otherwise, and if work could not be saved or is
    lost, the retry policy decides, and the task continues from the saved commit. The end of an
    attempt that no longer holds the task does not change it. A repeated call changes nothing and
    returns False.

    Args:
        review: see ``hephaestus_core.reviews.endings``, which gives it.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        task, agent = agents.lock_with_task(session, agent_id, ending=True)
        if agent.status in ENDED or agent.fence != fence:
            agents.tell_refused(session, agent, "ended")
            return False
        ending = replace(ending, trouble=_judged(session, agent, ending.trouble))
        agent.checkpoint_commit = ending.commit or agent.checkpoint_commit
        agent.exit_code = ending.exit_code
        _note_lost(session, agent, ending.lost or ending.unread)
        holds = task.agent_id == agent.id and task.status in HELD
        if ending.kept_at is not None:
            _keep(session, agent, ending.trouble, ending.kept_at)
        elif ending.lost is not None:
            # No fault of the agent, and it replaces any earlier failure.
            agent.failure_class = None
            agents.note_trouble(agent, Trouble(FailureClass.TRANSIENT, ending.lost))
        elif agent.parked_for is None and not (holds and task.status == TaskStatus.UNDER_REVIEW):
            agents.note_trouble(agent, ending.trouble)
        if holds and may_be_resumed(agent.failure_class, parked=agent.parked_for is not None):
            agent.conversation = ending.conversation
        agents.move(session, agent, AgentStatus.FINISHED, exit_code=ending.exit_code)
        taken = holds and review is not None and review(session, task, agent, ending)
        if holds and not taken:
            _continue_task(session, task, agent, ending)
        elif not holds and task.attempt == agent.attempt:
            # Cancelled, and perhaps queued again: the next attempt continues from here.
            tasks.go_on_from(task, agent.checkpoint_commit)
        _release_pending(session, task, agent, ending)
        if ending.trouble is not None and ending.trouble.failure_class == FailureClass.HOST:
            _note_fault(session, agent, ending.trouble)
        return True


def _release_pending(session: Session, task: "Task", agent: "Agent", ending: Ending) -> None:
    """Queue the tasks that waited for the attempt's work.

    Work that is not saved is done anew by the next attempt, for which they go on waiting.
    """
    is_saved = ending.kept_at is None and ending.lost is None
    if is_saved or task.status in TASK_ENDED:
        tasks.release_pending(session, agent.id, agent.checkpoint_commit or agent.base_commit)


def merge_saved(session: Session, task: "Task", agent: "Agent") -> None:
    """Turn a locked task to under review with the saved work of an attempt that is over.

    It is merged next: its result was accepted, although the attempt did not report.
    """
    task.agent_id, task.due_at = agent.id, None
    if task.status != TaskStatus.UNDER_REVIEW:
        tasks.move(session, task, TaskStatus.UNDER_REVIEW)
    drop_reviews(session, [task.id], _ACCEPTED)
    # There is one if the task was cancelled before its merge, and restarted.
    merge = session.scalars(select(Merge).where(Merge.agent_id == agent.id)).first()
    if merge is None:
        merge = _merge(task, agent, Ending(commit=None), status=MergeStatus.PENDING)
        # An attempt that could not be started has nothing but what it was to go on from.
        merge.tip = merge.tip or task.start_commit or ""
        session.add(merge)
    elif merge.status != MergeStatus.PENDING:
        store.move(session, merge, MergeStatus.PENDING)
    ring_all(session)


def merge_reviewed(session: Session, task: "Task", agent: "Agent", commit: str) -> None:
    """Have the reviewed commit of an ended attempt merged; its locked task is under review.

    What the agent has saved after that commit stays in its branch.
    """
    tasks.go_on_from(task, agent.checkpoint_commit)
    merging = KINDS[task.kind].merges and agents.holds_work(session, task.id, commit)
    diff = session.get(Diff, task.id)
    found = Ending(commit=commit)
    if diff is not None and diff.commit == commit:
        counts = (diff.files, diff.insertions, diff.deletions)
        found = replace(found, files=counts[0], insertions=counts[1], deletions=counts[2])
    merge = _merge(task, agent, found, status=_begin(session, task, merging=merging))
    merge.tip = commit
    _add(session, task, merge)


def _keep(session: Session, agent: "Agent", trouble: Trouble | None, path: str) -> None:
    """Replace any earlier failure by the reason for which the work could not be saved."""
    agent.failure_class = None
    agents.note_trouble(agent, trouble)
    unsaved.tell_kept(session, agent, reason=agent.failure_reason or "", path=path)


def _judged(session: Session, agent: "Agent", trouble: Trouble | None) -> Trouble | None:
    """Return the trouble with its class: what is final on one host need not be so on another."""
    if trouble is None or not trouble.of_repository or not another_may_start(session, agent):
        return trouble
    return replace(trouble, failure_class=FailureClass.HOST)


def _note_fault(session: Session, agent: "Agent", trouble: Trouble) -> None:
    repository = workflows.get(session, agent.workflow_id).repository
    faults.note_failed_start(
        session,
        agent.host,
        trouble.reason,
        repository=repository if trouble.of_repository else None,
        started_at=agent.started_at,
    )


def _note_lost(session: Session, agent: "Agent", reason: str | None) -> None:
    agent.lost_work = reason
    if reason is not None:
        agents.tell(session, agent, EventType.AGENT_WORK_LOST, host=agent.host, reason=reason)


def _continue_task(session: Session, task: "Task", agent: "Agent", ending: Ending) -> None:
    unsaved_or_lost = ending.kept_at is not None or ending.lost is not None
    if task.status != TaskStatus.UNDER_REVIEW or unsaved_or_lost:
        if closed_its_workflow(session, task):
            merge_saved(session, task, agent)
            return
        reason = "the agent ended without a report"
        silent = ended_in_silence(agent.failure_class, agent.failure_reason)
        missing = missing_after(session, task) if silent else None
        agents.fail_task(session, task, agent, FailureClass.AGENT_FAULT, reason, missing=missing)
        return
    tasks.go_on_from(task, agent.checkpoint_commit)
    drop_reviews(session, [task.id], _ACCEPTED)
    merging = KINDS[task.kind].merges and ending.commit is not None
    status = _begin(session, task, merging=merging)
    _add(session, task, _merge(task, agent, ending, status=status))


def _begin(session: Session, task: "Task", *, merging: bool) -> MergeStatus:
    """Return the status in which the merge of a task's work begins."""
    if not merging:
        return MergeStatus.NOTHING
    return MergeStatus.WAITING if waits_for_children(session, task) else MergeStatus.PENDING


def _add(session: Session, task: "Task", merge: Merge) -> None:
    """Add a merge; its locked task is done at once unless a host merges it next."""
    session.add(merge)
    if merge.status == MergeStatus.PENDING:
        ring_all(session)
    else:
        tasks.move(session, task, TaskStatus.DONE)
        learn(session, task, commit=merge.tip or None)


def _merge(task: "Task", agent: "Agent", ending: Ending, *, status: MergeStatus) -> Merge:
    return Merge(
        workflow_id=task.workflow_id,
        task_id=task.id,
        agent_id=agent.id,
        branch=agent.branch,
        tip=agent.checkpoint_commit or agent.base_commit or "",
        status=status,
        files=ending.files,
        insertions=ending.insertions,
        deletions=ending.deletions,
        conflicts=[],
    )
