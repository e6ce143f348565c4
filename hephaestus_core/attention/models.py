"""What people have put aside."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class AttentionMark(Base):
    """A thing that somebody has snoozed or dismissed; undone by deleting the row."""

    __tablename__ = "attention_marks"

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    """Of one occurrence: the same thing has another id when it comes up again."""
    kind: Mapped[str]
    until: Mapped[datetime | None]
    """None: it is dismissed."""
    marked_by: Mapped[str]
    marked_at: Mapped[datetime] = mapped_column(server_default=func.now())
