"""Messages to agents."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import SenderKind
from hephaestus_core.db.base import Base, one_of


class Message(Base):
    """A text for one agent; delivered once, by its host or when the agent asks.

    What is undelivered at the end of an attempt goes to the next one at the same task.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_undelivered",
            "task_id",
            "created_at",
            postgresql_where=text("delivered_at IS NULL"),
        ),
        one_of("sender_kind", SenderKind),
        Index("ix_messages_created_at_id", "created_at", "id"),
        Index("ix_messages_workflow_id_created_at_id", "workflow_id", "created_at", "id"),
        Index("ix_messages_task_id_created_at", "task_id", "created_at"),
        Index("ix_messages_recipient_agent_id", "recipient_agent_id"),
        Index(
            "ix_messages_sender_agent_id_created_at",
            "sender_agent_id",
            "created_at",
            postgresql_where=text("sender_agent_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    recipient_agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    """The attempt at the task to which it was last sent."""
    attempt_only: Mapped[bool] = mapped_column(server_default=text("false"))
    """It concerns this attempt alone, so no later one gets it."""
    mailbox_only: Mapped[bool] = mapped_column(server_default=text("false"))
    """It is never pasted: it waits until its agent fetches it."""
    interrupts: Mapped[bool] = mapped_column(server_default=text("false"))
    """Its agent's turn is ended before it is pasted, and it comes before other messages."""
    sender_agent_id: Mapped[UUID | None]
    sender_kind: Mapped[SenderKind]
    sender: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    delivered_at: Mapped[datetime | None]
    delivered_by: Mapped[str | None]
    pastes: Mapped[int] = mapped_column(server_default="0")
    """Number of pastes without a confirmation."""
    not_before: Mapped[datetime | None]
    """Earliest time of the next try."""
