"""Messages to agents."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class Message(Base):
    """A text for one agent; delivered once, by its host or when the agent asks."""

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_undelivered",
            "recipient_agent_id",
            "created_at",
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    recipient_agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    sender_agent_id: Mapped[UUID | None]
    sender: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    delivered_at: Mapped[datetime | None]
    delivered_by: Mapped[str | None]
    pastes: Mapped[int] = mapped_column(server_default="0")
    """Number of pastes without a confirmation."""
    not_before: Mapped[datetime | None]
    """Earliest time of the next try."""
