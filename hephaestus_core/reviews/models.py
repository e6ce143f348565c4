"""Reviews of work, one row per report."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import ReviewStatus
from hephaestus_core.db.base import Base, one_of

_OPEN = text("status IN ('checking', 'agent_review', 'person_review')")


class Review(Base):
    """The review of what one attempt at a task has done, up to one commit."""

    __tablename__ = "reviews"
    __table_args__ = (
        one_of("status", ReviewStatus),
        # At most one open review per task, so no two verdicts can meet.
        Index("uq_reviews_open", "task_id", unique=True, postgresql_where=_OPEN),
        # Hosts read these in each pass.
        Index("ix_reviews_open", "status", postgresql_where=_OPEN),
        Index("ix_reviews_task_id", "task_id", "created_at", "id"),
        Index("ix_reviews_workflow_id_created_at_id", "workflow_id", "created_at", "id"),
        Index("ix_reviews_created_at_id", "created_at", "id"),
        Index("ix_reviews_reviewer_task_id", "reviewer_task_id"),
        Index("ix_reviews_agent_id", "agent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    """The author's attempt."""
    commit: Mapped[str]
    """What is reviewed and, if it passes, merged; the origin has it."""
    iteration: Mapped[int]
    """One more than the failed reviews of the task before it."""
    status: Mapped[ReviewStatus]
    unreported: Mapped[bool] = mapped_column(server_default=text("false"))
    """The agent ended in silence; nobody has claimed that the work is done."""
    checks: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    """The outcome of each check."""
    proof: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """What checks need to know, handed in with the report."""
    reason: Mapped[str | None]
    """Why a person is asked, or why it was dropped."""
    feedback: Mapped[str | None]
    """Why it failed or passed, in the words of the checks or of its judge."""
    reviewer_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    """The task of the agent that judges."""
    decided_by: Mapped[str | None]
    """`checks`, an agent by its id, or a person by name."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    checked_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
