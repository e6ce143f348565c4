"""Judgements of models on agents, each with what the agent did afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.trajectories import Stage, SteeringType
from hephaestus_core.db.base import Base, WordOf, one_of


class TrajectorySummary(Base):
    """One judgement on one agent; without an answer, only its outcome."""

    __tablename__ = "trajectory_summaries"
    __table_args__ = (
        one_of("outcome", LlmOutcome),
        one_of("stage", Stage),
        one_of("steering_type", SteeringType),
        Index("ix_trajectory_summaries_agent_id", "agent_id", "id"),
        Index("ix_trajectory_summaries_asked_at", "asked_at"),
        Index(
            "ix_trajectory_summaries_unfollowed",
            "agent_id",
            postgresql_where=text("sampled AND followed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    outcome: Mapped[LlmOutcome] = mapped_column(WordOf(LlmOutcome))
    model: Mapped[str | None]
    seen: Mapped[dict[str, Any]]
    """The agent's situation, as :class:`~hephaestus_core.trajectories.rules.Seen`."""
    alignment: Mapped[float | None]
    stage: Mapped[Stage | None] = mapped_column(WordOf(Stage))
    focus: Mapped[str] = mapped_column(server_default="")
    progress: Mapped[str] = mapped_column(server_default="")
    issues: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    constraints: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Those that stand."""
    lifted: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Constraints that do not stand any more."""
    needs_steering: Mapped[bool] = mapped_column(server_default=text("false"))
    steering_type: Mapped[SteeringType | None] = mapped_column(WordOf(SteeringType))
    steering_text: Mapped[str] = mapped_column(server_default="")
    evidence: Mapped[str] = mapped_column(server_default="")
    """The line of the material that the wish to steer is based on."""
    steered_at: Mapped[datetime | None]
    """When the agent was sent the text; None: it was not."""
    sampled: Mapped[bool] = mapped_column(server_default=text("false"))
    """It is followed up, and kept longer."""
    followed_at: Mapped[datetime | None]
    """When it was looked at what the agent did afterwards."""
    headway: Mapped[bool | None]
    """Whether the agent made headway until then; None: not known."""
    afterwards: Mapped[str] = mapped_column(server_default="")
    """What it did until then, in a sentence."""
