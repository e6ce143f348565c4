"""The append-only log of every state change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class Event(Base):
    """One thing that happened. Rows are never changed or deleted.

    No foreign keys: events outlive the rows that they name.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_workflow_id_seq", "workflow_id", "seq"),
        Index("ix_events_task_id_seq", "task_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    type: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    workflow_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]]
