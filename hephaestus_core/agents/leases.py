"""Leases: a silent host loses its attempts."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hephaestus_core.agents import store
from hephaestus_core.agents.claims import lease_end
from hephaestus_core.agents.models import Agent
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.db.isolated import for_each
from hephaestus_core.events.log import emit
from hephaestus_core.hosts import clocks
from hephaestus_core.hosts import store as hosts
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.states import ENDED, HELD

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: Goes on with the locked task of a lost attempt in place of its retry; says whether it does.
TakeOver = Callable[[Session, "Task", Agent], bool]


def renew(
    db: Database,
    host: str,
    *,
    lease_seconds: float,
    programs: Sequence[str] | None = None,
    without_login: Sequence[str] = (),
    worker_id: UUID | None = None,
) -> float | None:
    """Record a heartbeat of this host, ``host``, and renew the leases of all its live attempts.

    Args:
        programs: the installed programs; None if they were not looked up.
        without_login: those of them that the host's user has no login for.
        worker_id: the worker that sends it.

    Returns by how many seconds this host's clock is ahead of the database's, which is stored too;
    None if it could not be told.

    Raises:
        NotFound: the host never registered.
        HostNameTaken: another worker bears its name now.
    """
    with db.transaction() as session:
        hosts.renew(session, host, lease_seconds, worker_id=worker_id)
        if programs is not None:
            hosts.note_programs(session, host, programs, without_login)
        session.execute(
            update(Agent)
            .where(Agent.host == host, Agent.ended_at.is_(None))
            .values(lease_expires_at=lease_end(lease_seconds))
        )
        ahead = clocks.measure(session)
        if ahead is not None:
            clocks.note(session, host, ahead)
        return ahead


def expire(db: Database, *, confirm_seconds: float, take_over: TakeOver | None = None) -> list[str]:
    """Take the attempts from silent hosts; returns the names of hosts now lost.

    Silence is confirmed: the first pass that finds an expired lease only marks the host, and a pass
    at least ``confirm_seconds`` later acts. So an outage of the database, in which all leases
    expire though all hosts are well, costs no attempt.
    """
    with db.transaction() as session:
        now = database_now(session)
        lost = []
        for host in hosts.lock_silent(session):
            if host.suspect_since is None:
                host.suspect_since = now
                emit(session, EventType.HOST_SUSPECTED, host=host.name)
            elif now - host.suspect_since >= timedelta(seconds=confirm_seconds):
                lost.append(host.name)
    return [name for name in lost if _lose(db, name, take_over)]


def _lose(db: Database, name: str, take_over: TakeOver | None) -> bool:
    """Take all attempts of the host; it is lost once no lease of an attempt is valid."""
    with db.reading() as session:
        agent_ids = _live_on(session, name)
    taken: list[UUID] = []
    for_each(partial(_take, db, take_over, taken), agent_ids, work="leases.take")
    with db.transaction() as session:
        if _live_on(session, name):
            return False
        return hosts.mark_lost(session, name, attempts=len(taken))


def _take(db: Database, take_over: TakeOver | None, taken: list[UUID], agent_id: UUID) -> None:
    with db.transaction() as session:
        is_lost = _lose_attempt(session, agent_id, take_over)
    if is_lost:
        taken.append(agent_id)


def _live_on(session: Session, host: str) -> list[UUID]:
    live = select(Agent.id).where(Agent.host == host, Agent.ended_at.is_(None))
    return list(session.scalars(live.order_by(Agent.id)))


def _lose_attempt(session: Session, agent_id: UUID, take_over: TakeOver | None) -> bool:
    task, agent = store.lock_with_task(session, agent_id, ending=True)
    still_silent = session.scalar(select(func.now() > agent.lease_expires_at))
    if agent.ended_at is not None or not still_silent:
        return False
    store.move(session, agent, AgentStatus.LOST, reason=f"host {agent.host} fell silent")
    if task.agent_id == agent.id and task.status in HELD:
        reason = f"host {agent.host} fell silent"
        if take_over is None or not take_over(session, task, agent):
            store.fail_task(session, task, agent, FailureClass.TRANSIENT, reason)
    elif task.attempt == agent.attempt:
        # Cancelled, and perhaps queued again: the next attempt continues from here.
        tasks.go_on_from(task, agent.checkpoint_commit)
    if task.status in ENDED:
        tasks.release_pending(session, agent.id, agent.checkpoint_commit or agent.base_commit)
    # Otherwise the tasks that it has created wait for the next attempt, which does the lost work
    # anew: until that orders them again, or until the task has ended.
    return True
