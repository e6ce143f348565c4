"""Runs of the diagnostician."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import DiagnosisStatus
from hephaestus_core.db.base import Base, one_of


class Diagnosis(Base):
    """One run of the diagnostician on a workflow that stood still."""

    __tablename__ = "diagnoses"
    __table_args__ = (
        one_of("status", DiagnosisStatus),
        UniqueConstraint("workflow_id", "number"),
        # The database too allows one at a time; few are running, and the periodic look reads them.
        Index(
            "uq_diagnoses_running",
            "workflow_id",
            unique=True,
            postgresql_where=text("status = 'running'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    number: Mapped[int]
    """From 1 within the workflow."""
    status: Mapped[DiagnosisStatus]
    cause: Mapped[str]
    """Why the workflow stood still, as its condition named it."""
    reason: Mapped[str]
    """The same in words."""
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), unique=True)
    tasks_created: Mapped[int] = mapped_column(server_default=text("0"))
    """Counted at its end, without duplicates of other tasks."""
    report: Mapped[str | None]
    """Its agent's own words, or the reason of its failure."""
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
