"""How far what is found by its meaning follows the event log."""

from sqlalchemy import BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class IndexedEvents(Base):
    """The last event after which a collection of texts was brought up to date."""

    __tablename__ = "indexed_events"

    collection: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
