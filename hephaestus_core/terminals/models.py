"""Who has the keyboard of which agent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class Keyboard(Base):
    """A person who types into an agent's terminal; free once it has expired."""

    __tablename__ = "keyboards"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    hold_id: Mapped[UUID]
    """Of this time; keys with another one are refused."""
    holder: Mapped[str]
    """The name of the person's token."""
    taken_at: Mapped[datetime]
    expires_at: Mapped[datetime]
