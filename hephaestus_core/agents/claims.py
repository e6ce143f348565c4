"""Claiming: how a queued task gets its attempt on a host, never beyond a limit."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.views import AgentView, view
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.rules import branch_of
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: Claims of all hosts stand in one line. A claim takes well under a millisecond, and under this
#: lock the counts below are exact: only a claim adds a live agent.
_LOCK_KEY: Final = 0x4845_5043

#: The statement names tables of other capabilities, since a claim is atomic or it is nothing.
#: Rows that somebody else holds (a cancel in flight) are skipped, not waited for. A task that was
#: restarted waits until its earlier attempt has ended, since it goes on from what that one saves.
_CLAIM: Final = text("""
    WITH live AS MATERIALIZED (
        SELECT host, workflow_id FROM agents WHERE ended_at IS NULL
    ), me AS (
        SELECT h.labels, h.slots FROM hosts h
        WHERE h.name = :host AND h.status = 'active' AND NOT h.draining
          AND h.lease_expires_at > now()
    )
    SELECT pick.id
    FROM me, workflows w CROSS JOIN LATERAL (
        SELECT t.id, t.boosted, t.priority, t.queued_at FROM tasks t
        WHERE t.workflow_id = w.id AND t.state = 'queued'
          AND (t.due_at IS NULL OR t.due_at <= now())
          AND t.required_labels <@ (SELECT labels FROM me)
          AND NOT EXISTS (SELECT FROM agents a WHERE a.task_id = t.id AND a.ended_at IS NULL)
        ORDER BY t.boosted DESC, t.priority DESC, t.queued_at, t.id
        LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ) pick
    WHERE w.status = 'active'
      AND (SELECT count(*) FROM live WHERE live.host = :host) < me.slots
      AND (SELECT count(*) FROM live) < :most_in_system
      AND (w.max_agents IS NULL
           OR (SELECT count(*) FROM live WHERE live.workflow_id = w.id) < w.max_agents)
    ORDER BY pick.boosted DESC, pick.priority DESC, pick.queued_at, pick.id
    LIMIT 1
""")

#: A bumped task passes every limit; that is what bumping is for.
_CLAIM_BUMPED: Final = text("""
    SELECT t.id FROM tasks t JOIN hosts h ON h.name = :host
    WHERE t.state = 'queued' AND t.bumped AND t.required_labels <@ h.labels
      AND h.status = 'active' AND NOT h.draining AND h.lease_expires_at > now()
      AND NOT EXISTS (SELECT FROM agents a WHERE a.task_id = t.id AND a.ended_at IS NULL)
    ORDER BY t.queued_at, t.id
    LIMIT 1 FOR NO KEY UPDATE OF t SKIP LOCKED
""")


def claim_next(
    db: Database,
    host: str,
    *,
    most_in_system: int,
    lease_seconds: float,
    default_program: str,
    default_model: str | None = None,
) -> AgentView | None:
    """Claim the first task that ``host`` may take now; None when there is none.

    Order: boosted, priority, age. Limits: the host's slots, the workflow's ``max_agents`` and
    ``most_in_system``; none can be overshot but by a bumped task.
    """
    with db.transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        task_id = session.scalar(_CLAIM_BUMPED, {"host": host})
        if task_id is None:
            limits = {"host": host, "most_in_system": most_in_system}
            task_id = session.scalar(_CLAIM, limits)
        if task_id is None:
            return None
        program = (default_program, default_model)
        return _begin_attempt(session, task_id, host, lease_seconds, program)


def _begin_attempt(
    session: Session,
    task_id: UUID,
    host: str,
    lease_seconds: float,
    default: tuple[str, str | None],
) -> AgentView:
    task = tasks.lock(session, task_id)
    task.attempt += 1
    task.bumped = False
    program, model = _program(session, task, default)
    agent = Agent(
        task_id=task.id,
        workflow_id=task.workflow_id,
        attempt=task.attempt,
        host=host,
        program=program,
        model=model,
        state="starting",
        lease_expires_at=lease_end(lease_seconds),
        branch=branch_of(task.id, task.attempt),
    )
    session.add(agent)
    session.flush()
    task.agent_id = agent.id
    tasks.move(session, task, "assigned", host=host, attempt=task.attempt, program=program)
    return view(agent)


def _program(
    session: Session, task: "Task", default: tuple[str, str | None]
) -> tuple[str, str | None]:
    """Return program and model: the task's own, else its phase's, else the host's default."""
    spec: dict[str, Any] = {}
    if task.phase_id is not None:
        spec = workflows.phase(session, task.workflow_id, task.phase_id).spec
    program = task.cli_tool or spec.get("cli_tool") or default[0]
    model = task.cli_model or spec.get("cli_model")
    return program, model or (default[1] if program == default[0] else None)


def lease_end(lease_seconds: float) -> Any:
    """Return the SQL for a lease that starts now, by the database's clock."""
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds)


def count_live(session: Session) -> int:
    """Return how many agents are alive in the whole system."""
    return session.scalar(select(func.count()).where(Agent.ended_at.is_(None))) or 0
