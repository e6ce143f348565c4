"""Hints of a model on tasks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.db.base import Base, WordOf, one_of


class TaskHint(Base):
    """The newest outcome of asking a model about one task; the task's own text stays as it is."""

    __tablename__ = "task_hints"
    __table_args__ = (one_of("outcome", LlmOutcome),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    attempt: Mapped[int]
    """The attempt before whose start the model was asked."""
    outcome: Mapped[LlmOutcome] = mapped_column(WordOf(LlmOutcome))
    detail: Mapped[str]
    """The outcome in a sentence, with the remedy."""
    done_when: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    checks: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    files: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    model: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
