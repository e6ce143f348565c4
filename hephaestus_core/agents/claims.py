"""Claims: a queued task gets its attempt on a host, within all limits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hephaestus_core.agents import conversations
from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.views import AgentView, view
from hephaestus_core.contract.budgets import WHOLE_DAY
from hephaestus_core.contract.programs import Choice, Wish, chain, choice, first_choice
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.rules import branch_of
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: Key of the advisory lock that serializes the claims of all hosts. A claim takes well under a
#: millisecond, and only a claim adds a live agent, so the counts below are exact.
_LOCK_KEY: Final = 0x4845_5043

#: A task with its next program, and whether this host may claim it. A host claims tasks for its own
#: programs. If no live host with the required labels has the program, any host may claim the task;
#: the attempt then fails at once and names the missing program, or goes on to the next fallback.
_TASK_AND_PROGRAM: Final = """
    tasks t LEFT JOIN phases p ON p.workflow_id = t.workflow_id AND p.phase_id = t.phase_id
    CROSS JOIN LATERAL (SELECT split_part(
        coalesce(t.next_programs[1], t.cli_tool, p.spec->>'cli_tool', :default_program), ':', 1
    ) AS program) next
"""
#: The host that has the conversation of the newest attempt goes first while it is alive and well.
#: A host that failed a task by itself of late leaves it to others that are well and could start it
#: now; so a broken host, which is always free, does not take the same tasks again and again.
_FOR_THIS_HOST: Final = """(
    next.program = ANY(ARRAY(SELECT unnest(programs) FROM hosts WHERE name = :host))
    OR NOT EXISTS (
        SELECT FROM hosts o WHERE o.last_seen_at > now() - interval '1 hour'
        AND next.program = ANY(o.programs) AND t.required_labels <@ o.labels
    )
) AND NOT EXISTS (
    SELECT FROM agents a JOIN hosts o ON o.name = a.host
    WHERE a.task_id = t.id AND a.attempt = t.attempt AND a.conversation IS NOT NULL
      AND split_part(a.programs[1], ':', 1) = next.program
      AND o.name <> :host AND o.status = 'active' AND NOT o.draining AND o.lease_expires_at > now()
      AND greatest(a.ended_at, t.due_at) > now() - interval '30 seconds'
      AND NOT EXISTS (
          SELECT FROM host_faults f WHERE f.host = o.name AND f.status = 'unwell'
          AND f.repository IN ('', w.repository)
      )
) AND NOT (
    EXISTS (
        SELECT FROM agents a WHERE a.task_id = t.id AND a.host = :host
        AND a.failure_class = 'host' AND a.ended_at > now() - interval '10 minutes'
    ) AND EXISTS (
        SELECT FROM hosts o
        WHERE o.name <> :host AND o.status = 'active' AND NOT o.draining
          AND o.lease_expires_at > now() AND t.required_labels <@ o.labels
          AND next.program = ANY(o.programs)
          AND (SELECT count(*) FROM agents l WHERE l.host = o.name AND l.ended_at IS NULL) < o.slots
          AND (o.most_in_system IS NULL
               OR (SELECT count(*) FROM agents l WHERE l.ended_at IS NULL) < o.most_in_system)
          AND NOT EXISTS (
              SELECT FROM host_faults f WHERE f.host = o.name AND f.status = 'unwell'
              AND f.repository IN ('', w.repository)
          ) AND NOT EXISTS (
              SELECT FROM agents a WHERE a.task_id = t.id AND a.host = o.name
              AND a.failure_class = 'host' AND a.ended_at > now() - interval '10 minutes'
          )
    )
)"""
#: An unwell host tries one start at a time; see ``hosts/health.py``.
_WELL: Final = """NOT EXISTS (
    SELECT FROM host_faults f
    WHERE f.host = :host AND f.status = 'unwell' AND f.repository IN ('', w.repository)
      AND (f.next_try_at IS NULL OR f.next_try_at > now() OR EXISTS (
          SELECT FROM agents s JOIN workflows x ON x.id = s.workflow_id
          WHERE s.host = :host AND s.ended_at IS NULL AND s.status = 'starting'
            AND f.repository IN ('', x.repository)
      ))
)"""

#: Nothing is claimed whose budget is spent: of the workflow or the day, and of the task.
_WORKFLOW_IN_BUDGET: Final = f"""NOT EXISTS (
    SELECT FROM budgets b
    WHERE b.subject_id IN (w.id, '{WHOLE_DAY}') AND b.status = 'spent' AND b.action <> 'warn'
      AND (b.scope <> 'day' OR b.day = (now() AT TIME ZONE 'UTC')::date)
)"""
_TASK_IN_BUDGET: Final = """NOT EXISTS (
    SELECT FROM budgets b
    WHERE b.subject_id = t.id AND b.status = 'spent' AND b.action <> 'warn'
)"""

#: No earlier attempt lives, and this host has lost none whose work it has still to save: the next
#: attempt goes on from that. It waits for no work that cannot be saved now, and an hour at most.
_EARLIER_IS_OVER: Final = """NOT EXISTS (
    SELECT FROM agents a WHERE a.task_id = t.id AND (
        a.ended_at IS NULL
        OR (a.status = 'lost' AND a.host = :host AND a.released_at IS NULL
            AND a.unsaved_since IS NULL AND a.ended_at > now() - interval '1 hour')
    )
)"""

#: One atomic statement, so it names tables of other capabilities. Locked rows, such as a task that
#: is being cancelled, are skipped. A restarted task waits for the end of its earlier attempt, from
#: whose work it continues. Only workflows with queued tasks are visited, with one step of the index
#: each, so the cost does not grow with the number of workflows.
_CLAIM: Final = text(f"""
    WITH RECURSIVE waiting (workflow_id) AS (
        (SELECT workflow_id FROM tasks WHERE status = 'queued' ORDER BY workflow_id LIMIT 1)
        UNION ALL
        SELECT (
            SELECT workflow_id FROM tasks
            WHERE status = 'queued' AND workflow_id > waiting.workflow_id
            ORDER BY workflow_id LIMIT 1
        ) FROM waiting WHERE waiting.workflow_id IS NOT NULL
    ), live AS MATERIALIZED (
        SELECT host, workflow_id FROM agents WHERE ended_at IS NULL
    ), me AS (
        SELECT h.labels, h.slots FROM hosts h
        WHERE h.name = :host AND h.status = 'active' AND NOT h.draining
          AND h.lease_expires_at > now()
    )
    SELECT pick.id
    FROM me, waiting CROSS JOIN LATERAL (
        SELECT w.id, w.status, w.max_agents, w.repository
        FROM workflows w WHERE w.id = waiting.workflow_id AND {_WORKFLOW_IN_BUDGET} LIMIT 1
    ) w CROSS JOIN LATERAL (
        SELECT t.id, t.boosted, t.priority, t.queued_at
        FROM {_TASK_AND_PROGRAM}
        WHERE t.workflow_id = w.id AND t.status = 'queued' AND {_WELL} AND {_TASK_IN_BUDGET}
          AND (t.due_at IS NULL OR t.due_at <= now())
          AND t.required_labels <@ (SELECT labels FROM me)
          AND {_FOR_THIS_HOST}
          AND {_EARLIER_IS_OVER}
        ORDER BY t.boosted DESC, t.priority DESC, t.queued_at, t.id
        LIMIT 1 FOR NO KEY UPDATE OF t SKIP LOCKED
    ) pick
    WHERE w.status = 'active'
      AND (SELECT count(*) FROM live WHERE live.host = :host) < me.slots
      AND (SELECT count(*) FROM live) < :most_in_system
      AND (w.max_agents IS NULL
           OR (SELECT count(*) FROM live WHERE live.workflow_id = w.id) < w.max_agents)
    ORDER BY pick.boosted DESC, pick.priority DESC, pick.queued_at, pick.id
    LIMIT 1
""")  # noqa: S608 - joined of the constants above

#: A bumped task ignores every limit of agents; that is its purpose. A spent budget holds it too.
_CLAIM_BUMPED: Final = text(f"""
    SELECT t.id FROM hosts h, {_TASK_AND_PROGRAM} JOIN workflows w ON w.id = t.workflow_id
    WHERE h.name = :host AND t.status = 'queued' AND t.bumped AND t.required_labels <@ h.labels
      AND h.status = 'active' AND NOT h.draining AND h.lease_expires_at > now()
      AND {_WELL} AND {_WORKFLOW_IN_BUDGET} AND {_TASK_IN_BUDGET} AND {_FOR_THIS_HOST}
      AND {_EARLIER_IS_OVER}
    ORDER BY t.queued_at, t.id
    LIMIT 1 FOR NO KEY UPDATE OF t SKIP LOCKED
""")  # noqa: S608

#: Whether to try at all: most passes find the queue empty or the slots full.
_WORTH_A_TRY: Final = text("""
    SELECT EXISTS (SELECT FROM tasks WHERE status = 'queued' AND bumped) AS bumped,
           EXISTS (SELECT FROM tasks WHERE status = 'queued') AND EXISTS (
               SELECT FROM hosts h WHERE h.name = :host AND h.slots > (
                   SELECT count(*) FROM agents a WHERE a.host = h.name AND a.ended_at IS NULL
               )
           ) AS in_turn
""")

_ANOTHER_HOST: Final = text("""
    SELECT EXISTS (
        SELECT FROM tasks t, hosts o
        WHERE t.id = :task_id AND o.name <> :host AND o.status = 'active' AND NOT o.draining
          AND o.lease_expires_at > now() AND t.required_labels <@ o.labels
          AND :program = ANY(o.programs)
          AND NOT EXISTS (
              SELECT FROM agents a WHERE a.task_id = t.id AND a.host = o.name
              AND a.failure_class IN ('host', 'permanent')
          )
    )
""")


@dataclass(frozen=True)
class Defaults:
    """A host's settings for tasks whose phase and workflow name no program."""

    program: str
    model: str | None = None
    fallback: tuple[str, ...] = ()


def claim_next(
    db: Database,
    host: str,
    *,
    most_in_system: int,
    lease_seconds: float,
    defaults: Defaults,
) -> AgentView | None:
    """Claim the first task that ``host`` may take now; None if there is none.

    Order: boosted, priority, age. Limits: the host's slots, the workflow's ``max_agents`` and
    ``most_in_system``. Only a bumped task can exceed them. None is claimed whose budget is spent.
    An unwell host gets a task only as a trial, when one is due.
    """
    with db.reading() as session:
        worth = session.execute(_WORTH_A_TRY, {"host": host}).one()
    if not worth.bumped and not worth.in_turn:
        return None
    with db.transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        me = {"host": host, "default_program": defaults.program}
        task_id = session.scalar(_CLAIM_BUMPED, me) if worth.bumped else None
        if task_id is None:
            task_id = session.scalar(_CLAIM, {**me, "most_in_system": most_in_system})
        if task_id is None:
            return None
        return _begin_attempt(session, task_id, host, lease_seconds, defaults)


def another_may_start(session: Session, agent: Agent) -> bool:
    """Say whether a host that has not failed this agent's task by itself could start it too."""
    given = {"task_id": agent.task_id, "host": agent.host, "program": agent.program}
    return bool(session.scalar(_ANOTHER_HOST, given))


def _begin_attempt(
    session: Session, task_id: UUID, host: str, lease_seconds: float, defaults: Defaults
) -> AgentView:
    task = tasks.lock(session, task_id)
    first, programs = _programs(session, task, defaults)
    resumed = conversations.earlier(session, task, host, programs[0])
    database_now(session)  # before the changes: a query between them would write each by itself
    current, attempt = choice(programs[0]), task.attempt + 1
    agent = Agent(
        task_id=task.id,
        workflow_id=task.workflow_id,
        attempt=attempt,
        host=host,
        program=current.program,
        model=current.model,
        programs=programs,
        stands_in_for=None if programs[0] == first else first,
        status=AgentStatus.STARTING,
        lease_expires_at=lease_end(lease_seconds),
        branch=branch_of(task.id, attempt),
    )
    if resumed is not None:
        conversations.go_on(agent, resumed)
    session.add(agent)
    session.flush()
    task.attempt = attempt
    task.bumped = False
    task.agent_id = agent.id
    reported = {"host": host, "attempt": attempt, "program": current.program}
    tasks.move(session, task, TaskStatus.ASSIGNED, **reported)
    return view(agent)


def _programs(session: Session, task: "Task", defaults: Defaults) -> tuple[str, list[str]]:
    """Return the first choice, and the programs to try from now on.

    The fallbacks are those of the phase, else of the workflow, else of the host.
    """
    spec: dict[str, Any] = {}
    if task.phase_id is not None:
        spec = workflows.phase(session, task.workflow_id, task.phase_id).spec
    first = first_choice(
        Wish(task.cli_tool, task.cli_model),
        Wish(spec.get("cli_tool"), spec.get("cli_model")),
        Choice(defaults.program, defaults.model),
    )
    if task.next_programs:
        return str(first), task.next_programs
    said = (spec, workflows.get(session, task.workflow_id).config)
    fallbacks = (place["cli_fallback"] for place in said if place.get("cli_fallback") is not None)
    return str(first), chain(first, next(fallbacks, defaults.fallback))


def lease_end(lease_seconds: float) -> Any:
    """Return the SQL for a lease that starts now, by the database's clock."""
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds)


def count_live(session: Session) -> int:
    """Return how many agents are alive in the whole system."""
    return session.scalar(select(func.count()).where(Agent.ended_at.is_(None))) or 0
