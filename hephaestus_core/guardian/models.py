"""Acts of the Guardian on agents."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import InterventionAction, InterventionEffect
from hephaestus_core.db.base import Base, one_of


class Intervention(Base):
    """One act of the Guardian on an attempt, with its cause and its effect."""

    __tablename__ = "interventions"
    __table_args__ = (
        one_of("action", InterventionAction),
        one_of("effect", InterventionEffect),
        Index(
            "ix_interventions_open",
            *("agent_id", "cause", "key"),
            unique=True,
            postgresql_where=sql("effect IS NULL"),
        ),
        Index("ix_interventions_task_id_sent_at", "task_id", "sent_at"),
        Index("ix_interventions_workflow_id_sent_at_id", "workflow_id", "sent_at", "id"),
        Index("ix_interventions_sent_at_id", "sent_at", "id"),
        Index("ix_interventions_agent_id_sent_at_id", "agent_id", "sent_at", "id"),
        Index(
            "ix_interventions_message_id",
            "message_id",
            postgresql_where=sql("message_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    attempt: Mapped[int]
    cause: Mapped[str]
    """The label of the verdict."""
    key: Mapped[str]
    """Tells causes with the same label apart, such as the name of the rule."""
    evidence: Mapped[list[str]]
    """Lines of the verdict, bounded. Untrusted."""
    action: Mapped[InterventionAction]
    text: Mapped[str | None]
    """The message to the agent, or the question to a person."""
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id"))
    sent_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    effect: Mapped[InterventionEffect | None]
    """None: no later look has found it yet."""
    followed_up_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    """The person who took it back."""
    undone_at: Mapped[datetime | None]
