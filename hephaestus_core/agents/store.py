"""Agent rows for use cases of other capabilities; every function joins the open transaction."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from hephaestus_core.agents import parking
from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.states import ENDED, MACHINE
from hephaestus_core.agents.views import Trouble
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.contract.errors import NotFound, StaleAttempt
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.db.engine import database_now, ring
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.states import HELD

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task


def get(session: Session, agent_id: UUID) -> Agent:
    """Return the agent.

    Raises:
        NotFound: there is none with this id.
    """
    return _found(session.get(Agent, agent_id), agent_id)


def workflow_of(session: Session, agent_id: UUID) -> UUID:
    """Return the id of the agent's workflow, which never changes: to lock it before the agent.

    Raises:
        NotFound: there is no such agent.
    """
    workflow_id = session.scalar(select(Agent.workflow_id).where(Agent.id == agent_id))
    if workflow_id is None:
        raise _missing(agent_id)
    return workflow_id


def lock(session: Session, agent_id: UUID, *, with_prompt: bool = False) -> Agent:
    """Return the agent locked for update. Lock its task before it.

    Args:
        with_prompt: read its prompt too, which otherwise is read when it is asked for.

    Raises:
        NotFound: there is none with this id.
    """
    query = select(Agent).where(Agent.id == agent_id).with_for_update(key_share=True)
    if with_prompt:
        query = query.options(undefer(Agent.prompt))
    return _found(session.scalar(query.execution_options(populate_existing=True)), agent_id)


def lock_with_task(
    session: Session, agent_id: UUID, *, ending: bool = False, with_prompt: bool = False
) -> "tuple[Task, Agent]":
    """Return the agent and its task, both locked, the task first.

    Args:
        ending: the task may end in this transaction, so its workflow is locked before it.
        with_prompt: as for :func:`lock`.

    Raises:
        NotFound: there is no such agent.
    """
    its_task = select(Agent.task_id).where(Agent.id == agent_id).scalar_subquery()
    task = (tasks.locked_to_end if ending else tasks.locked)(session, its_task)
    if task is None:
        raise _missing(agent_id)
    return task, lock(session, agent_id, with_prompt=with_prompt)


def lock_current(
    session: Session, agent_id: UUID, *, ending: bool = False, with_prompt: bool = False
) -> "tuple[Task, Agent]":
    """Return what :func:`lock_with_task` does, if the attempt still holds the task.

    Raises:
        NotFound: there is no such agent.
        StaleAttempt: the attempt has ended, or no longer holds the task.
    """
    task, agent = lock_with_task(session, agent_id, ending=ending, with_prompt=with_prompt)
    if agent.status in ENDED or task.agent_id != agent.id or task.status not in HELD:
        raise StaleAttempt(
            f"Attempt {agent.attempt} of task {task.id} is over; its reports have no effect. Stop.",
            details={"agent_id": str(agent.id), "task_id": str(task.id)},
        )
    return task, agent


def lock_for_call(
    session: Session, agent_id: UUID, *, key: str | None, answered: Callable[[Agent], str | None]
) -> "tuple[Task, Agent, bool]":
    """Return the agent and its task, both locked, and whether the call repeats an answered one.

    A repeated call is let in though its attempt may be over: its client has lost the answer.

    Args:
        key: of the call; None: it repeats nothing.
        answered: reads the key of the answered call.

    Raises:
        NotFound, StaleAttempt: see :func:`lock_current`.
    """
    try:
        task, agent = lock_current(session, agent_id)
    except StaleAttempt:
        agent = get(session, agent_id)
        if key is None or answered(agent) != key:
            raise
        return tasks.get(session, agent.task_id), agent, True
    return task, agent, key is not None and answered(agent) == key


def move(session: Session, agent: Agent, status: AgentStatus, **reported: Any) -> None:
    """Turn a locked agent to ``status`` and say so.

    Raises:
        TransitionRefused: the state table has no such edge.
    """
    before = agent.status
    if before == status:
        return
    MACHINE.check(agent.id, before, status)
    agent.status = status
    if status in ENDED:
        agent.ended_at = database_now(session)
        ring_all(session)
    tell(
        session, agent, EventType.AGENT_STATUS_CHANGED, **{"from": before, "to": status}, **reported
    )


def park(session: Session, agent: Agent, parked_for: UUID, reason: str) -> None:
    """Have a locked agent end, with its work and its conversation kept, until a person has acted.

    Args:
        parked_for: the question, or the budget, that its task waits for.
        reason: says that in words.
    """
    agent.parked_for = parked_for
    agent.stop_requested_at = database_now(session)
    move(session, agent, AgentStatus.STOPPING, reason=reason)
    ring(session, Bell(CeleryTaskName.FINISH_AGENT, host_queue(agent.host), (str(agent.id),)))


def tell(session: Session, agent: Agent, type_: EventType, **data: Any) -> None:
    """Record an event of the agent, with its task and workflow; see :func:`emit`."""
    emit(
        session,
        type_,
        workflow_id=agent.workflow_id,
        task_id=agent.task_id,
        agent_id=agent.id,
        **data,
    )


def tell_refused(session: Session, agent: Agent, report: str) -> None:
    """Record the refusal of a report of an attempt that is over."""
    tell(session, agent, EventType.AGENT_REPORT_REFUSED, report=report, attempt=agent.attempt)


def note_trouble(agent: Agent, trouble: Trouble | None) -> None:
    """Store the failure of a locked agent's attempt; the first one stands."""
    if trouble is None or agent.failure_class is not None:
        return
    agent.failure_class, agent.failure_reason = trouble.failure_class, trouble.reason
    agent.failure_until = trouble.until
    agent.program_failed = trouble.program_failed


def fail_task(
    session: Session,
    task: "Task",
    agent: Agent,
    otherwise: FailureClass,
    reason: str,
    *,
    missing: str | None = None,
) -> None:
    """Apply the retry policy to a locked task after its attempt has failed.

    The task of an attempt that ended to wait for an answer waits for it, unless that failed or was
    reported done.

    Args:
        otherwise: the class of failure, with its ``reason``, if the attempt has none stored.
        missing: what the task lacks, for people and the next attempt; it follows the reason.
    """
    waits = agent.parked_for is not None and agent.failure_class is None
    if waits and task.status != TaskStatus.UNDER_REVIEW:
        parking.park(session, task, agent)
        return
    tasks.fail_attempt(
        session,
        task,
        cast("FailureClass", agent.failure_class or otherwise),
        ". ".join(filter(None, [agent.failure_reason or reason, missing])),
        start_commit=agent.goes_back_to or agent.checkpoint_commit,
        not_before=agent.failure_until,
        programs_left=agent.programs[1:] if agent.program_failed else None,
    )


def by_token(session: Session, hashed: str) -> Agent | None:
    """Return the agent whose token has this hash, ended or not."""
    return session.scalar(select(Agent).where(Agent.token_hash == hashed))


def live_of_workflow(session: Session, workflow_id: UUID) -> list[Agent]:
    """Return all agents of the workflow that have not ended."""
    query = select(Agent).where(Agent.workflow_id == workflow_id, Agent.ended_at.is_(None))
    return list(session.scalars(query.order_by(Agent.started_at)))


def live_counts(session: Session, workflow_ids: list[UUID]) -> dict[UUID, int]:
    """Return how many agents of each workflow are alive."""
    query = (
        select(Agent.workflow_id, func.count())
        .where(Agent.ended_at.is_(None), Agent.workflow_id.in_(workflow_ids))
        .group_by(Agent.workflow_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def of_host(session: Session, host: str, agent_ids: Collection[UUID]) -> list[Agent]:
    """Return those of these agents that run, or ran, on a host."""
    if not agent_ids:
        return []
    return list(session.scalars(select(Agent).where(Agent.id.in_(agent_ids), Agent.host == host)))


def of_ids(session: Session, agent_ids: Collection[UUID]) -> list[Agent]:
    """Return these agents, as far as they exist, in no order."""
    return list(session.scalars(select(Agent).where(Agent.id.in_(agent_ids))))


def base_of(session: Session, task_id: UUID, attempt: int) -> str | None:
    """Return the commit from which an attempt at a task began; None if it is not known."""
    query = select(Agent.base_commit).where(Agent.task_id == task_id, Agent.attempt == attempt)
    return session.scalar(query)


def holds_work(session: Session, task_id: UUID, commit: str) -> bool:
    """Say whether a saved commit of a task holds what its attempts have made.

    A later attempt that adds nothing begins and ends at the same commit, which may hold the work
    of the attempts before it.
    """
    mine = Agent.task_id == task_id
    begun = select(Agent.base_commit).where(mine, Agent.base_commit.is_not(None))
    begun_at = session.scalar(begun.order_by(Agent.attempt).limit(1))
    moved = select(Agent.id).where(mine, Agent.checkpoint_commit != Agent.base_commit)
    return commit != begun_at and session.scalar(moved.limit(1)) is not None


def checkpoints_of(session: Session, agent_ids: Collection[UUID]) -> dict[UUID, str | None]:
    """Return the newest saved commit of each of these agents."""
    query = select(Agent.id, Agent.checkpoint_commit).where(Agent.id.in_(agent_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def _found(agent: Agent | None, agent_id: UUID) -> Agent:
    if agent is None:
        raise _missing(agent_id)
    return agent


def _missing(agent_id: UUID) -> NotFound:
    return NotFound(f"No agent {agent_id}; list the agents to see their ids.", field="agent_id")
