"""Tasks that the system creates once other phases are at rest: a crossing into phases.

Every function joins the open transaction and needs the lock of the workflow.
"""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, text
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import TaskKind, TaskStatus, WorkflowStatus
from hephaestus_core.contract.texts import plain
from hephaestus_core.contract.titles import TITLE_LIMIT
from hephaestus_core.db.base import WordOf
from hephaestus_core.events.log import emit
from hephaestus_core.tasks import moves
from hephaestus_core.tasks.join_rules import EndedTask, join_description, join_title
from hephaestus_core.tasks.kinds import JOIN
from hephaestus_core.tasks.models import JoinRound
from hephaestus_core.tasks.rules import done_definitions, priority_number
from hephaestus_core.tasks.states import LIVE
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task
    from hephaestus_core.workflows.models import Workflow

#: A round is due when no task of the joined phases, and none of the phase itself, is live, and
#: work of them was done since the last round. After a round without a task a person decides.
#: While a result is under judgement, which may end the workflow, no round begins.
_DUE: Final = text("""
    SELECT p.phase_id, p.spec, coalesce(last.round, 0) + 1 AS number, last.created_at AS since
    FROM phases p LEFT JOIN LATERAL (
        SELECT r.round, r.task_id, r.created_at FROM join_rounds r
        WHERE r.workflow_id = p.workflow_id AND r.phase_id = p.phase_id
        ORDER BY r.round DESC LIMIT 1
    ) last ON true
    WHERE p.workflow_id = :workflow_id AND p.spec->'join' <> '[]'
      AND (last.round IS NULL OR last.task_id IS NOT NULL)
      AND NOT EXISTS (
          SELECT FROM tasks t WHERE t.workflow_id = p.workflow_id AND t.status = ANY(:live)
          AND t.kind = 'result_review'
      )
      AND NOT EXISTS (
          SELECT FROM tasks t WHERE t.workflow_id = p.workflow_id AND t.status = ANY(:live)
          AND (t.phase_id = p.phase_id OR p.spec->'join' @> to_jsonb(t.phase_id))
      ) AND EXISTS (
          SELECT FROM tasks t WHERE t.workflow_id = p.workflow_id AND t.status = 'done'
          AND t.kind = 'work' AND p.spec->'join' @> to_jsonb(t.phase_id)
          AND t.completed_at > coalesce(last.created_at, '-infinity')
      )
    ORDER BY p.phase_id LIMIT 1
""")

_ENDED: Final = text("""
    SELECT id, phase_id, status, title, left(summary, 2000) AS summary,
           left(failure_reason, 2000) AS failure_reason
    FROM tasks
    WHERE workflow_id = :workflow_id AND kind = 'work' AND phase_id = ANY(:phases)
      AND status <> 'duplicated'
      AND completed_at > coalesce(CAST(:since AS timestamptz), '-infinity')
    ORDER BY status = 'done', completed_at, id
""").columns(status=WordOf(TaskStatus))

_USED_UP: Final = text("""
    SELECT p.name FROM join_rounds r
    JOIN phases p ON p.workflow_id = r.workflow_id AND p.phase_id = r.phase_id
    WHERE r.workflow_id = :workflow_id AND r.task_id IS NULL ORDER BY r.created_at LIMIT 1
""")

#: Workflows that take work, at rest in the phases of a join, for the pass that misses nothing.
_RESTING: Final = text("""
    SELECT DISTINCT p.workflow_id FROM workflows w JOIN phases p ON p.workflow_id = w.id
    WHERE w.status = 'active' AND p.spec->'join' <> '[]'
      AND NOT EXISTS (
          SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = ANY(:live)
          AND t.kind = 'result_review'
      )
      AND NOT EXISTS (
          SELECT FROM join_rounds r
          WHERE r.workflow_id = w.id AND r.phase_id = p.phase_id AND r.task_id IS NULL
      ) AND NOT EXISTS (
          SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = ANY(:live)
          AND (t.phase_id = p.phase_id OR p.spec->'join' @> to_jsonb(t.phase_id))
      ) AND EXISTS (
          SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = 'done'
          AND t.kind = 'work' AND p.spec->'join' @> to_jsonb(t.phase_id)
          AND t.completed_at > coalesce((
              SELECT max(r.created_at) FROM join_rounds r
              WHERE r.workflow_id = w.id AND r.phase_id = p.phase_id
          ), '-infinity')
      )
""")


def start_due(session: Session, workflow: "Workflow") -> None:
    """Create the tasks of the joins that are due in a locked workflow; see :data:`_DUE`.

    After ``max_rounds`` tasks a person is told instead, once.
    """
    if workflow.status != WorkflowStatus.ACTIVE:
        return
    given = {"workflow_id": workflow.id, "live": sorted(LIVE)}
    # One by one: the task of one join is live work for the next.
    while (due := session.execute(_DUE, given).one_or_none()) is not None:
        task = _start(session, workflow.id, due) if due.number <= due.spec["max_rounds"] else None
        if task is None:
            _tell_used_up(session, workflow.id, due)
        session.flush()
        session.execute(
            insert(JoinRound).values(
                workflow_id=workflow.id,
                phase_id=due.phase_id,
                round=due.number,
                task_id=None if task is None else task.id,
            )
        )


def used_up(session: Session, workflow_id: UUID) -> str | None:
    """Return the name of a phase that has had all of its rounds, though one more was due."""
    name: str | None = session.scalar(_USED_UP, {"workflow_id": workflow_id})
    return name


def resting(session: Session) -> list[UUID]:
    """Return the workflows in which a join may be due."""
    return list(session.scalars(_RESTING, {"live": sorted(LIVE)}))


def _start(session: Session, workflow_id: UUID, due: Row[Any]) -> "Task":
    spec = due.spec
    names = {phase.phase_id: phase.name for phase in workflows.phases(session, workflow_id)}
    given = {"workflow_id": workflow_id, "phases": spec["join"], "since": due.since}
    ended = [EndedTask(**row) for row in session.execute(_ENDED, given).mappings()]
    return moves.added(
        session,
        waits=False,
        workflow_id=workflow_id,
        phase_id=due.phase_id,
        kind=TaskKind.WORK,
        title=plain(join_title(spec, due.number))[:TITLE_LIMIT],
        description=join_description(spec, names, ended, number=due.number),
        done_definition=done_definitions(spec),
        priority=priority_number("high"),
        required_labels=spec.get("host_labels", []),
        created_by=JOIN,
    )


def _tell_used_up(session: Session, workflow_id: UUID, due: Row[Any]) -> None:
    emit(
        session,
        EventType.WORKFLOW_ROUNDS_USED_UP,
        workflow_id=workflow_id,
        phase_id=due.phase_id,
        rounds=due.spec["max_rounds"],
        reason=f"phase {due.phase_id} ({due.spec['name']}) has had its "
        f"{due.spec['max_rounds']} rounds, and more work is done since the last",
    )
