"""Queries and reports of a host about its own agents. Reports carry the attempt's fence."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from hephaestus_core.agents import store
from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.prompt.ages import marked
from hephaestus_core.agents.prompt.build import build_prompt
from hephaestus_core.agents.prompt.gathering import near_for, parts_of, spec_of
from hephaestus_core.agents.reports import refuse
from hephaestus_core.agents.tasks_of_agents import unreleased
from hephaestus_core.agents.views import AgentView, HostAgent, LaunchPlan, Resume, view
from hephaestus_core.contract.errors import StaleAttempt
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.setups import SetUp
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.enrichment.rules import TaskText
from hephaestus_core.enrichment.store import wanted
from hephaestus_core.facts.store import facts_for
from hephaestus_core.hosts import faults
from hephaestus_core.memory.store import learned_from_files
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.vectors.service import Vectors
from hephaestus_core.workflows import deliveries
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.contract.policies import ConflictPolicy
    from hephaestus_core.tasks.models import Task


NOTHING_CHANGED: Final[Mapping[UUID, Sequence[str]]] = MappingProxyType({})


def agents_of(db: Database, host: str) -> list[HostAgent]:
    """Return all agents that ``host`` has not yet released, oldest first."""
    with db.reading() as session:
        return unreleased(session, host)


def agent_of(db: Database, host: str, agent_id: UUID) -> HostAgent | None:
    """Return one agent that ``host`` has not yet released; None if there is none."""
    with db.reading() as session:
        return next(iter(unreleased(session, host, agent_id)), None)


def attempt_of(db: Database, agent_id: UUID) -> AgentView:
    """Return one agent without what the Guardian and a model say of it.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return view(store.get(session, agent_id))


def hints_wanted(db: Database, agent_id: UUID) -> TaskText | None:
    """Return the text of the agent's task if a model is to be asked for hints on it first.

    Raises:
        NotFound: there is no such agent.
        StaleAttempt: the attempt is over.
    """
    with db.transaction() as session:
        task, agent = store.lock_current(session, agent_id)
        return wanted(session, task) if agent.prompt is None else None


def launch_plan(
    db: Database, agent_id: UUID, *, auto_commit: bool = True, vectors: Vectors | None = None
) -> LaunchPlan:
    """Return the plan by which a host starts the agent.

    Args:
        auto_commit: whether the host commits what the agent leaves uncommitted.
        vectors: find memories for the prompt by meaning too; None: by words and names alone.

    Raises:
        NotFound: there is no such agent.
        StaleAttempt: the attempt is over.
    """
    near = near_for(db, agent_id, vectors)
    with db.transaction() as session:
        task, agent = store.lock_current(session, agent_id, with_prompt=True)
        workflow = workflows.get(session, agent.workflow_id)
        phases = workflows.phases(session, workflow.id)
        facts = facts_for(session, workflow)
        resume = _resume(session, agent)
        if agent.prompt is None:
            parts = parts_of(session, task, agent, phases=phases, facts=facts, near=near)
            parts = replace(parts, auto_commit=auto_commit)
            agent.prompt = build_prompt(parts, resumes=resume is not None)
        return LaunchPlan(
            agent_id=agent.id,
            task_id=task.id,
            workflow_id=workflow.id,
            attempt=agent.attempt,
            fence=agent.fence,
            program=agent.program,
            model=agent.model,
            repository=workflow.repository,
            base_branch=workflow.base_branch,
            base_seen=workflow.base_commit,
            integration_branch=workflow.integration_branch,
            conflict_resolution=cast("ConflictPolicy", workflow.conflict_resolution),
            branch=agent.branch,
            start_commit=task.start_commit,
            starts_as_is=KINDS[task.kind].starts_as_is,
            base_commit=agent.base_commit,
            working_directory=workflows.folder_of(workflow, spec_of(task, phases)),
            judges=KINDS[task.kind].judges_with is not None,
            worktree_id=agent.worktree_id or agent.id,
            resume=resume,
            prompt=agent.prompt,
            learned=learned_from_files(session, agent.id),
            setup_command=facts.get("setup_command", ""),
            setup=SetUp.from_dict(agent.setup),
            runs=agent.status != AgentStatus.STARTING,
        )


def record_prepared(
    db: Database,
    agent_id: UUID,
    *,
    fence: int,
    base_commit: str,
    token_hash: str,
    changed: Mapping[UUID, Sequence[str]] = NOTHING_CHANGED,
) -> str:
    """Record the commit from which the agent starts, and the hash of its token.

    Returns the prompt, in which memories are marked whose files have changed.

    Args:
        changed: by memory, those of its files that differ between its commit and ``base_commit``.

    Raises:
        StaleAttempt: the attempt is over; start nothing.
    """
    with _fenced(db, agent_id, fence, "prepared", with_prompt=True) as (session, _, agent):
        agent.base_commit = agent.base_commit or base_commit
        agent.token_hash = token_hash
        if changed and agent.prompt is not None:
            given = learned_from_files(session, agent.id)
            agent.prompt = marked(agent.prompt, given, changed)
        return agent.prompt or ""


def record_set_up(db: Database, agent_id: UUID, *, fence: int, setup: SetUp) -> None:
    """Record how the set-up of the agent's worktree went; the agent starts in either case.

    Raises:
        StaleAttempt: the attempt is over; start nothing.
    """
    with _fenced(db, agent_id, fence, "set up") as (session, _, agent):
        agent.setup = setup.to_dict()
        told = {"command": setup.command, "status": setup.status, "seconds": setup.seconds}
        told |= {"copied_from": setup.copied_from}
        store.tell(session, agent, EventType.AGENT_SET_UP, **told)


def record_hook_failed(db: Database, agent_id: UUID, *, hook: str, reason: str) -> None:
    """Record that a hook of the agent's worktree failed; nothing else changes."""
    with db.transaction() as session:
        agent = store.get(session, agent_id)
        store.tell(session, agent, EventType.AGENT_HOOK_FAILED, hook=hook, reason=reason)


def record_running(db: Database, agent_id: UUID, *, fence: int) -> None:
    """Record that the agent's program runs with its prompt. A second report changes nothing.

    Raises:
        StaleAttempt: the attempt is over; end the program.
    """
    with _fenced(db, agent_id, fence, "running") as (session, task, agent):
        if agent.status == AgentStatus.STARTING:
            agent.running_at = func.now()
            store.move(session, agent, AgentStatus.WORKING)
            repository = workflows.get(session, agent.workflow_id).repository
            faults.note_good_start(session, agent.host, repository)
        if task.status == TaskStatus.ASSIGNED:
            tasks.move(session, task, TaskStatus.IN_PROGRESS)


def waiting_for(db: Database, agent_id: UUID) -> list[UUID]:
    """Return the tasks that wait for this agent's work; call this before it is saved."""
    with db.reading() as session:
        return tasks.pending_of(session, agent_id)


def record_checkpoint(
    db: Database,
    agent_id: UUID,
    *,
    fence: int,
    commit: str,
    waiting: Collection[UUID],
) -> int:
    """Record a saved commit of the agent's work, and queue the tasks that waited for it.

    Returns how many tasks were queued.

    Args:
        waiting: tasks that waited before the work was saved. A later task must see its creator's
            later work, so it waits for the next checkpoint.

    Raises:
        StaleAttempt: the attempt is over; the commit stays in the attempt's own branch.
    """
    # The waiting tasks are locked after this one. The workflow's lock prevents a deadlock with a
    # transaction that locks all tasks in another order.
    with _fenced(db, agent_id, fence, "checkpoint", ending=True) as (session, _, agent):
        if agent.checkpoint_commit != commit:
            agent.checkpoint_commit = commit
            store.tell(session, agent, EventType.AGENT_CHECKPOINTED, commit=commit)
        return tasks.release_pending(session, agent.id, commit, only=waiting)


def record_released(db: Database, agent_id: UUID) -> None:
    """Record that an ended agent has no process and no worktree on its host."""
    with db.transaction() as session:
        # Its work may have been saved after the workflow was delivered. Workflows are locked first.
        deliveries.look_for_spent_branches(session, store.workflow_of(session, agent_id))
        agent = store.lock(session, agent_id)
        if agent.released_at is None and agent.ended_at is not None:
            agent.released_at = database_now(session)
            store.tell(session, agent, EventType.AGENT_RELEASED, host=agent.host)


@contextmanager
def _fenced(
    db: Database,
    agent_id: UUID,
    fence: int,
    report: str,
    *,
    ending: bool = False,
    with_prompt: bool = False,
) -> Iterator[tuple[Session, "Task", Agent]]:
    """Open the transaction of a report, its task and agent locked as by :func:`lock_current`.

    A report with a wrong fence, or of an attempt that is over, is refused and recorded.
    """
    try:
        with db.transaction() as session:
            task, agent = store.lock_current(
                session, agent_id, ending=ending, with_prompt=with_prompt
            )
            _check_fence(agent, fence)
            yield session, task, agent
    except StaleAttempt:
        refuse(db, agent_id, report)
        raise


def _check_fence(agent: Agent, fence: int) -> None:
    if agent.fence != fence:
        raise StaleAttempt(f"Agent {agent.id} has fence {agent.fence}, not {fence}.")


def _resume(session: Session, agent: Agent) -> Resume | None:
    if agent.resumes_id is None:
        return None
    earlier = store.get(session, agent.resumes_id)
    return Resume(earlier.id, earlier.conversation) if earlier.conversation else None


def record_interrupted(db: Database, agent_id: UUID, *, reason: str | None = None) -> None:
    """Record that an attempt ends by no fault of its own: by default because its host shuts down.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        _, agent = store.lock_with_task(session, agent_id)
        interrupted = agent.ended_at is None and agent.parked_for is None
        if interrupted and agent.failure_class is None:
            agent.failure_class = FailureClass.TRANSIENT
            agent.failure_reason = reason or f"host {agent.host} was shut down"
