"""Rows of diagnoses; every function joins the open transaction."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import DiagnosisStatus
from hephaestus_core.diagnoses.models import Diagnosis
from hephaestus_core.diagnoses.rules import Earlier
from hephaestus_core.diagnoses.states import MACHINE
from hephaestus_core.diagnoses.views import DiagnosisView
from hephaestus_core.events.log import emit

#: Running ones whose tasks have ended.
_ENDED: Final = text("""
    SELECT d.id, d.task_id FROM diagnoses d JOIN tasks t ON t.id = d.task_id
    WHERE d.status = 'running' AND t.status IN ('done', 'failed', 'cancelled', 'duplicated')
    ORDER BY d.id
""")
_CREATED: Final = text("""
    SELECT count(*) FROM tasks t JOIN agents a ON a.id = t.creator_agent_id
    WHERE t.workflow_id = :workflow_id AND a.task_id = :task_id AND t.status <> 'duplicated'
""")


def newest(session: Session, workflow_ids: list[UUID]) -> dict[UUID, Earlier]:
    """Return the newest run of each of the workflows that have had one."""
    query = select(Diagnosis).where(Diagnosis.workflow_id.in_(workflow_ids))
    # A workflow has few runs; the last one stays.
    rows = session.scalars(query.order_by(Diagnosis.number))
    return {row.workflow_id: _earlier(row) for row in rows}


def of_workflow(session: Session, workflow_id: UUID, *, limit: int) -> list[DiagnosisView]:
    """Return the newest runs of a workflow, newest first."""
    query = select(Diagnosis).where(Diagnosis.workflow_id == workflow_id)
    newest_first = query.order_by(Diagnosis.number.desc()).limit(limit)
    return [view(row) for row in session.scalars(newest_first)]


def ended(session: Session) -> list[tuple[UUID, UUID]]:
    """Return the running diagnoses whose tasks have ended: the ids of each and of its task."""
    return [(row.id, row.task_id) for row in session.execute(_ENDED)]


def lock(session: Session, diagnosis_id: UUID) -> Diagnosis:
    """Return the diagnosis locked for update, after its workflow."""
    query = select(Diagnosis).where(Diagnosis.id == diagnosis_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def tasks_created(session: Session, diagnosis: Diagnosis) -> int:
    """Count the tasks that its agents have created, without duplicates of others."""
    given = {"workflow_id": diagnosis.workflow_id, "task_id": diagnosis.task_id}
    return int(session.scalars(_CREATED, given).one())


def move(session: Session, diagnosis: Diagnosis, status: DiagnosisStatus) -> None:
    """Turn a locked diagnosis to ``status`` and say so.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    MACHINE.check(diagnosis.id, diagnosis.status, status)
    diagnosis.status = status
    tell(
        session,
        diagnosis,
        EventType.DIAGNOSIS_ENDED,
        status=status,
        tasks_created=diagnosis.tasks_created,
        report=(diagnosis.report or "")[:500],
    )


def tell(session: Session, diagnosis: Diagnosis, type_: EventType, **data: Any) -> None:
    """Record an event of the diagnosis; see :func:`emit`."""
    emit(
        session,
        type_,
        workflow_id=diagnosis.workflow_id,
        task_id=diagnosis.task_id,
        diagnosis_id=str(diagnosis.id),
        number=diagnosis.number,
        **data,
    )


def view(diagnosis: Diagnosis) -> DiagnosisView:
    """Return the diagnosis as readers see it."""
    values = {name: getattr(diagnosis, name) for name in DiagnosisView.__dataclass_fields__}
    return DiagnosisView(**values)


def _earlier(row: Diagnosis) -> Earlier:
    return Earlier(**{name: getattr(row, name) for name in Earlier.__dataclass_fields__})
