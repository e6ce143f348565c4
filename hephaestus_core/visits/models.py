"""When people were here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class Visit(Base):
    """The visits of one person to the pages: the newest one, and the end of the one before."""

    __tablename__ = "visits"

    token_id: Mapped[UUID] = mapped_column(
        ForeignKey("api_tokens.id", ondelete="CASCADE"), primary_key=True
    )
    last_seen_at: Mapped[datetime]
    """Of the newest visit; it is over once the person stays away for a while."""
    earlier_ended_at: Mapped[datetime | None]
    """The end of the visit before; None: there was none."""
