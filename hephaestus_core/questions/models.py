"""Questions of agents to people."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import QuestionStatus
from hephaestus_core.db.base import Base, one_of


class Question(Base):
    """A question that an agent has asked at its task, and the answer of a person."""

    __tablename__ = "questions"
    __table_args__ = (
        one_of("status", QuestionStatus),
        Index("ix_questions_open", "expires_at", postgresql_where=sql("status = 'open'")),
        Index("ix_questions_task_id", "task_id", "asked_at"),
        Index("ix_questions_workflow_id_asked_at_id", "workflow_id", "asked_at", "id"),
        Index("ix_questions_asked_at_id", "asked_at", "id"),
        Index("ix_questions_agent_id", "agent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    """The attempt that asked first."""
    text: Mapped[str]
    options: Mapped[list[str]]
    status: Mapped[QuestionStatus]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was answered, expired or cancelled."""
