"""What surrounds an attempt: its creator, earlier attempts and colleagues, read for its prompt.

A crossing into the tables of tasks and diffs: each question is one query with a bound.
"""

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.agents.parking import WAITED
from hephaestus_core.agents.prompt.parts import Colleague, EarlierAttempt, Origin
from hephaestus_core.contract.statuses import TaskStatus

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

_ORIGIN: Final = text("""
    SELECT t.id, t.title, p.name AS phase, t.summary, t.key_learnings, t.status
    FROM agents a JOIN tasks t ON t.id = a.task_id
         LEFT JOIN phases p ON p.workflow_id = t.workflow_id AND p.phase_id = t.phase_id
    WHERE a.id = :creator_agent_id
""")

#: The newest attempts are enough, and ten tasks of each.
_EARLIER: Final = text("""
    SELECT a.attempt, a.failure_reason, a.parked_for, created.tasks
    FROM (SELECT id, attempt, failure_reason, parked_for FROM agents
          WHERE task_id = :task_id AND attempt < :attempt ORDER BY attempt DESC LIMIT 3) a
    LEFT JOIN LATERAL (
        SELECT array_agg(c.id || ' (' || c.status || '): ' || left(c.title, 100)
                         ORDER BY c.created_at) AS tasks
        FROM (SELECT id, status, title, created_at FROM tasks
              WHERE workflow_id = :workflow_id AND parent_task_id = :task_id
                AND creator_agent_id = a.id
              ORDER BY created_at LIMIT 10) c
    ) created ON true
    ORDER BY a.attempt
""")

_COLLEAGUES: Final = text("""
    SELECT t.title, p.name AS phase, d.changes
    FROM agents a JOIN tasks t ON t.id = a.task_id
         LEFT JOIN phases p ON p.workflow_id = t.workflow_id AND p.phase_id = t.phase_id
         LEFT JOIN LATERAL (
             SELECT array_agg(change ->> 'path') AS changes
             FROM diffs, jsonb_array_elements(CAST(diffs.changes AS jsonb))
                  WITH ORDINALITY AS listed(change, position)
             WHERE diffs.subject_id = t.id AND position <= 5
         ) d ON true
    WHERE a.workflow_id = :workflow_id AND a.ended_at IS NULL AND a.id <> :agent_id
    ORDER BY a.started_at LIMIT 50
""")

#: How an attempt ended that recorded no failure of its own.
_SENT_BACK: Final = "its work was sent back"


def origin_of(session: Session, task: "Task") -> Origin | None:
    """Return the task whose agent has created this one; None if no agent has."""
    if task.creator_agent_id is None:
        return None
    found = session.execute(_ORIGIN, {"creator_agent_id": task.creator_agent_id}).mappings()
    row = found.one()
    reported = row["status"] in {TaskStatus.UNDER_REVIEW, TaskStatus.DONE}
    return Origin(
        task_id=row["id"],
        title=row["title"],
        phase=row["phase"],
        summary=(row["summary"] or "") if reported else "",
        learnings=row["key_learnings"] or (),
    )


def earlier_attempts(session: Session, task: "Task", agent: "Agent") -> list[EarlierAttempt]:
    """Return the newest attempts before this one, oldest first."""
    given = {
        "task_id": task.id,
        "workflow_id": task.workflow_id,
        "attempt": agent.attempt,
    }
    rows = list(session.execute(_EARLIER, given).mappings())
    attempts = [
        EarlierAttempt(
            row["attempt"],
            row["failure_reason"] or (_SENT_BACK if row["parked_for"] is None else WAITED),
            row["tasks"] or (),
        )
        for row in rows
    ]
    if attempts and task.failure_reason:
        # That of the task is the newest one's, with the decision on it.
        last = attempts[-1]
        attempts[-1] = EarlierAttempt(last.attempt, task.failure_reason, last.created)
    return attempts


def colleagues_of(session: Session, agent: "Agent") -> list[Colleague]:
    """Return the other live agents of the workflow, at most 50."""
    given: dict[str, Any] = {"workflow_id": agent.workflow_id, "agent_id": agent.id}
    rows = session.execute(_COLLEAGUES, given).mappings()
    return [Colleague(row["title"], row["phase"], row["changes"] or ()) for row in rows]
