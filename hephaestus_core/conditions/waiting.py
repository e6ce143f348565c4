"""Why one task has not started yet, in a sentence for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from hephaestus_core.conditions.capacity import hindrance_of
from hephaestus_core.conditions.sentences import counted, quoted, sentence
from hephaestus_core.conditions.store import hosts_of
from hephaestus_core.conditions.views import Waiting
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.tasks import dependencies
from hephaestus_core.tasks.queue import position_of

_TASK: Final = text("""
    SELECT t.id, t.workflow_id, t.status, t.boosted, t.awaits_creator, t.due_at,
           t.required_labels AS labels, t.failure_class = 'quota' AS quota,
           left(t.failure_reason, 300) AS failure, w.repository, w.max_agents,
           split_part(coalesce(t.next_programs[1], t.cli_tool, p.spec->>'cli_tool', ''), ':', 1)
               AS program,
           (SELECT count(*) FROM agents a
            WHERE a.workflow_id = t.workflow_id AND a.ended_at IS NULL) AS at_work
    FROM tasks t JOIN workflows w ON w.id = t.workflow_id
    LEFT JOIN phases p ON p.workflow_id = t.workflow_id AND p.phase_id = t.phase_id
    WHERE t.id = :task_id
""")

#: Spent budgets stand in an index of their own.
_SPENT: Final = text("""
    SELECT b.scope FROM budgets b
    WHERE b.status = 'spent' AND b.action <> 'warn'
      AND (b.scope <> 'day' OR b.day = (now() AT TIME ZONE 'UTC')::date)
      AND (b.subject_id IN (:task_id, :workflow_id) OR b.scope = 'day')
    LIMIT 1
""")


def why_not_yet(db: Database, task_id: UUID) -> str | None:
    """Return why a task that is to run has not started yet; None if it is not to, or runs."""
    with db.reading() as session:
        row = session.execute(_TASK, {"task_id": task_id}).mappings().one_or_none()
        if row is None:
            return None
        if row["status"] == TaskStatus.PENDING:
            return _comes_after(row, dependencies.briefs(session, task_id))
        if row["status"] == TaskStatus.QUEUED:
            return _queued(session, row, database_now(session))
        return None


def _comes_after(row: RowMapping, first: Sequence[dict[str, Any]]) -> str:
    left = [each for each in first if each["status"] != TaskStatus.DONE]
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        state = str(left[0]["status"]).replace("_", " ")
        return f"It starts after {quoted(left[0]['title'])} ({state}){more}."
    if row["awaits_creator"]:
        return "It starts once the work of the agent that created it is saved and merged."
    return "What it comes after is done; it is about to be queued."


def _queued(session: Session, row: RowMapping, now: datetime) -> str:
    given = {"task_id": row["id"], "workflow_id": row["workflow_id"]}
    spent = session.scalar(_SPENT, given)
    if spent is not None:
        return f"The budget of the {spent} is spent; it starts once that is raised."
    group = Waiting(
        tasks=1,
        labels=frozenset(row["labels"]),
        program=row["program"] or None,
        due_at=row["due_at"],
        quota=bool(row["quota"]),
        failure=row["failure"],
    )
    found = hindrance_of(group, row["repository"], hosts_of(session), now)
    if found is not None:
        return found.reason
    most = row["max_agents"]
    if most is not None and row["at_work"] >= most and not row["boosted"]:
        return f"Its workflow has {counted(row['at_work'], 'agent')} at work, of at most {most}."
    position = position_of(session, row["id"])
    if position is None:
        return "More than a thousand tasks stand before it in the queue."
    if position > 1:
        return sentence(f"{counted(position - 1, 'task')} before it in the queue")
    return "It is the next that a host takes."
