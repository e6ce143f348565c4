"""Budgets of tasks, workflows and the day."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import Date, ForeignKey, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import BudgetAction, BudgetScope, BudgetStatus
from hephaestus_core.db.base import Base, one_of


class Budget(Base):
    """The most that some agents may use together; the ledger has what they have used."""

    __tablename__ = "budgets"
    __table_args__ = (
        one_of("scope", BudgetScope),
        one_of("action", BudgetAction),
        one_of("status", BudgetStatus),
        Index("ix_budgets_subject_id", "subject_id", unique=True),
        # A claim reads these.
        Index(
            "ix_budgets_holding",
            "subject_id",
            postgresql_where=text("status = 'spent' AND action <> 'warn'"),
        ),
        # People are shown these.
        Index("ix_budgets_told", "status_since", postgresql_where=text("status <> 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    scope: Mapped[BudgetScope]
    subject_id: Mapped[UUID]
    """The task or the workflow; 0 for the day, of which there is one."""
    workflow_id: Mapped[UUID | None] = mapped_column(ForeignKey("workflows.id"))
    """Its own, or that of its task; None for the day."""
    dollars: Mapped[Decimal | None] = mapped_column(Numeric(16, 6))
    tokens: Mapped[int | None]
    action: Mapped[BudgetAction]
    status: Mapped[BudgetStatus]
    day: Mapped[date] = mapped_column(Date)
    """The day, in UTC, of which the status is, where it is the day's."""
    status_since: Mapped[datetime] = mapped_column(server_default=func.now())
    set_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
