"""Results that agents submit for a whole workflow."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import ResultOutcome, ResultStatus
from hephaestus_core.db.base import Base, one_of


class Result(Base):
    """A claim that the workflow reached its goal, and its review."""

    __tablename__ = "results"
    __table_args__ = (
        one_of("status", ResultStatus),
        one_of("outcome", ResultOutcome),
        # At most one accepted result per workflow.
        Index(
            "uq_results_accepted",
            "workflow_id",
            unique=True,
            postgresql_where=text("status = 'accepted'"),
        ),
        Index("ix_results_workflow_id_submitted_at", "workflow_id", "submitted_at"),
        Index("ix_results_submitted_at_id", "submitted_at", "id"),
        Index("ix_results_task_id", "task_id"),
        Index("ix_results_agent_id", "agent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    status: Mapped[ResultStatus]
    outcome: Mapped[ResultOutcome] = mapped_column(server_default=text("'done'"))
    explanation: Mapped[str]
    evidence: Mapped[list[str]]
    content: Mapped[str]
    feedback: Mapped[str | None]
    checks: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    """The outcome of each check of the workflow; none before all of them have ended."""
    checked_commit: Mapped[str | None]
    """What was checked: the author's work as it was saved after the result."""
    checked_at: Mapped[datetime | None]
    judged_by_agent_id: Mapped[UUID | None]
    judged_by: Mapped[str | None]
    """The person who judged it."""
    submitted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    judged_at: Mapped[datetime | None]


class ResultFile(Base):
    """A file that is asked for by an agent, and belongs to its result from then on."""

    __tablename__ = "result_files"
    __table_args__ = (
        Index("ix_result_files_request_id", "request_id"),
        Index("ix_result_files_result_id", "result_id"),
        Index("ix_result_files_workflow_id", "workflow_id"),
        # Hosts look for these in each pass.
        Index("ix_result_files_open", "asked_at", postgresql_where=text("result_id IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    request_id: Mapped[UUID]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("results.id"))
    workflow_id: Mapped[UUID | None] = mapped_column(ForeignKey("workflows.id"))
    """That of the result."""
    position: Mapped[int]
    path: Mapped[str]
    size: Mapped[int | None]
    """In bytes; None until the host has read it."""
    sha256: Mapped[str | None]
    refusal: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
