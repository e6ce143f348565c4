"""The ledger: what each turn used, and sums of it that are kept with every turn."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base

_DOLLARS = Numeric(24, 9)


class UsedTurn(Base):
    """One answer of a model to an agent. Attempts that go on with a conversation share its turns,
    so a turn belongs to the task, and to the attempt that was the first to report it.
    """

    __tablename__ = "used_turns"

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID]
    day: Mapped[date] = mapped_column(Date)
    """When it was first seen, in UTC; later readings of it count to the same day."""
    model: Mapped[str | None]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cache_read_tokens: Mapped[int]
    cache_creation_tokens: Mapped[int]
    program_dollars: Mapped[float | None]
    """As the program notes them."""
    dollars: Mapped[Decimal | None] = mapped_column(_DOLLARS)
    """None: the price is not known."""
    price_source: Mapped[str | None]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class UsedSum(Base):
    """The sum of an attempt's turns with one model on one day; larger sums are added up of these.

    No row is shared by two attempts, so hosts never wait for each other.
    """

    __tablename__ = "used_sums"
    __table_args__ = (
        Index("ix_used_sums_task_id", "task_id"),
        Index("ix_used_sums_workflow_id", "workflow_id"),
        Index("ix_used_sums_day", "day"),
    )

    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    """Empty: the program names none."""
    task_id: Mapped[UUID]
    workflow_id: Mapped[UUID]
    turns: Mapped[int] = mapped_column(server_default=text("0"))
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    output_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_read_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_creation_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    dollars: Mapped[Decimal] = mapped_column(_DOLLARS, server_default=text("0"))
    unpriced_tokens: Mapped[int] = mapped_column(server_default=text("0"))
