"""Use cases of the diagnostician: a run starts, ends, and is read."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.conditions.still import Still, without_headway
from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import (
    DiagnosisStatus,
    TaskKind,
    TaskStatus,
    WorkflowStatus,
)
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.db.isolated import for_each
from hephaestus_core.diagnoses import store
from hephaestus_core.diagnoses.gathering import facts_in_words
from hephaestus_core.diagnoses.models import Diagnosis
from hephaestus_core.diagnoses.rules import Earlier, Outlook, Rhythm, Standstill, outlook
from hephaestus_core.diagnoses.views import DiagnosesView
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.settings.config import Settings
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import limits_of

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

#: Workflows that are looked at in one go, the oldest first.
_MOST: Final = 200
#: Runs that readers are shown.
_SHOWN: Final = 50
#: Most characters of a report.
_REPORT_LIMIT: Final = 2000


def rhythm_of(settings: Settings) -> Rhythm:
    """Return when diagnoses start by the settings."""
    return Rhythm(
        enabled=settings.diagnostic_agent_enabled,
        still_for=settings.diagnostic_min_stuck_time_seconds,
        cooldown=settings.diagnostic_cooldown_seconds,
    )


def start_due(db: Database, rhythm: Rhythm) -> int:
    """Start a run for each workflow that is due for one; returns how many were started."""
    if not rhythm.enabled:
        return 0
    with db.snapshot() as session:
        due = [still.id for still in _due(session, rhythm)]
    return sum(_start(db, workflow_id, rhythm) for workflow_id in due)


def _due(session: Session, rhythm: Rhythm, only: list[UUID] | None = None) -> list[Still]:
    found = list(without_headway(session, most=_MOST, only=only))
    earlier = store.newest(session, [still.id for still in found])
    now = database_now(session)
    return [
        still
        for still in found
        if _is_due(_outlook(still, earlier.get(still.id), rhythm, now), now)
    ]


def _is_due(expected: Outlook, now: datetime) -> bool:
    return expected.due_at is not None and expected.due_at <= now


def _outlook(still: Still, earlier: Earlier | None, rhythm: Rhythm, now: datetime) -> Outlook:
    standstill = Standstill(
        condition=still.condition,
        since=still.since,
        failed_at=still.failed_at,
        earlier=earlier,
        most=still.limits.diagnoses_per_workflow,
    )
    return outlook(standstill, rhythm, now)


def _start(db: Database, workflow_id: UUID, rhythm: Rhythm) -> bool:
    """Start a run of a workflow unless it is no longer due, as after the start by another."""
    with db.transaction() as session:
        # Whoever comes second waits here, and then sees the run of the first.
        workflow = workflows.lock(session, workflow_id)
        due = _due(session, rhythm, only=[workflow_id])
        if workflow.status != WorkflowStatus.ACTIVE or not due:
            return False
        _add(session, workflow, due[0])
        return True


def _add(session: Session, workflow: "Workflow", still: Still) -> None:
    before = store.newest(session, [workflow.id]).get(workflow.id)
    most_tasks = limits_of(workflow).tasks_per_diagnosis
    order = TaskOrder(
        workflow_id=workflow.id,
        phase_id=None,
        kind=TaskKind.DIAGNOSIS,
        priority="critical",
        created_by="diagnostician",
        title="Find out why the workflow stands still",
        description=facts_in_words(session, still, most_tasks=most_tasks),
        done_definition="The tasks that lead to the goal exist, or your report says why none can.",
    )
    diagnosis = Diagnosis(
        workflow_id=workflow.id,
        number=1 if before is None else before.number + 1,
        status=DiagnosisStatus.RUNNING,
        cause=still.condition.cause or "",
        reason=still.condition.reason,
        task_id=add(session, order).id,
    )
    session.add(diagnosis)
    session.flush()
    told = {"cause": diagnosis.cause, "reason": diagnosis.reason}
    store.tell(session, diagnosis, EventType.DIAGNOSIS_STARTED, **told)


def end_finished(db: Database) -> None:
    """End each run whose task has ended."""
    with db.reading() as session:
        ended = store.ended(session)
    for_each(partial(_end_one, db), ended, work="diagnoses.end")


def _end_one(db: Database, ended: tuple[UUID, UUID]) -> None:
    with db.transaction() as session:
        _end(session, *ended)


def _end(session: Session, diagnosis_id: UUID, task_id: UUID) -> None:
    # Lock order: the workflow before its task.
    task = tasks.lock_to_end(session, task_id)
    diagnosis = store.lock(session, diagnosis_id)
    if diagnosis.status != DiagnosisStatus.RUNNING:
        return
    done = task.status == TaskStatus.DONE
    words = task.summary if done else task.failure_reason or f"its task is {task.status}"
    diagnosis.report = (words or "")[:_REPORT_LIMIT]
    diagnosis.tasks_created = store.tasks_created(session, diagnosis)
    diagnosis.ended_at = database_now(session)
    store.move(session, diagnosis, DiagnosisStatus.COMPLETED if done else DiagnosisStatus.FAILED)


def diagnoses_of(
    db: Database, workflow_id: UUID, rhythm: Rhythm, *, condition: ConditionView | None = None
) -> DiagnosesView:
    """Return the runs of a workflow, newest first, and whether another one is due.

    Args:
        condition: that of the workflow, if the caller has read it already.

    Raises:
        NotFound: no such workflow.
    """
    condition = condition or get_workflow(db, workflow_id).condition
    with db.snapshot() as session:
        # What moves, or waits for a person, is not diagnosed, whatever else is known of it.
        is_still = condition.name == Condition.STANDS_STILL
        found = list(without_headway(session, most=1, only=[workflow_id])) if is_still else []
        earlier = store.newest(session, [workflow_id]).get(workflow_id)
        now = database_now(session)
        if found:
            expected = _outlook(found[0], earlier, rhythm, now)
        else:
            still = Standstill(condition=condition, since=now, failed_at=None, earlier=None, most=1)
            expected = outlook(still, rhythm, now)
        items = store.of_workflow(session, workflow_id, limit=_SHOWN)
    return DiagnosesView(outlook=expected.sentence, due_at=expected.due_at, items=items)
