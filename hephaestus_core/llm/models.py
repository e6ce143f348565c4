"""The calls of the system to models: the record of what they used, and the count of the budget."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Date, Identity, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.db.base import Base, WordOf, one_of


class LlmCall(Base):
    """One call, from the reservation of its tokens to its outcome."""

    __tablename__ = "llm_calls"
    __table_args__ = (
        one_of("outcome", LlmOutcome),
        Index("ix_llm_calls_started_at", "started_at", postgresql_include=["counted_tokens"]),
        Index("ix_llm_calls_workflow_id", "workflow_id", postgresql_include=["counted_tokens"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    workflow_id: Mapped[UUID | None]
    """No foreign key: its check would wait for the workflow's lock while holding the budget's."""
    provider: Mapped[str]
    model: Mapped[str]
    counted_tokens: Mapped[int]
    """What the budgets count: the reservation until the outcome is known, then what was used. The
    reservation stays where that is not known, such as after the end of the process."""
    outcome: Mapped[LlmOutcome | None] = mapped_column(WordOf(LlmOutcome))
    """None: it is under way, or its process has ended."""
    tries: Mapped[int | None]
    input_tokens: Mapped[int | None]
    """Without those of the cache."""
    output_tokens: Mapped[int | None]
    cache_read_tokens: Mapped[int | None]
    cache_write_tokens: Mapped[int | None]
    cost: Mapped[float | None]
    """Dollars; None: not known."""
    started_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    ended_at: Mapped[datetime | None]


class LlmSum(Base):
    """The sum of the calls of one day for one workflow whose records are past their time."""

    __tablename__ = "llm_sums"
    __table_args__ = (
        UniqueConstraint("day", "workflow_id", postgresql_nulls_not_distinct=True),
        Index("ix_llm_sums_workflow_id", "workflow_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    """In UTC."""
    workflow_id: Mapped[UUID | None]
    """None: calls for no workflow."""
    calls: Mapped[int]
    tokens: Mapped[int]
    """As the budgets count them."""
    dollars: Mapped[float]
    """As far as they are known."""
    unpriced_tokens: Mapped[int]
    """Tokens of calls whose cost is not known."""
