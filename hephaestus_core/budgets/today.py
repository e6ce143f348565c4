"""The money of today, as every page shows it."""

from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import select

from hephaestus_core.budgets.models import Budget
from hephaestus_core.contract.budgets import WHOLE_DAY
from hephaestus_core.costs import sums
from hephaestus_core.db.engine import Database, database_now


@dataclass(frozen=True, kw_only=True)
class TodayView:
    """What agents have used today, in UTC."""

    dollars: float
    """As far as prices are known."""
    most: float | None
    """The dollars of the day's budget; null: it has none."""


def spent_today(db: Database) -> TodayView | None:
    """Return the dollars of today and of its budget; None if neither is known."""
    with db.reading() as session:
        spent = sums.of_day(session, database_now(session).astimezone(UTC).date())
        most = session.scalar(select(Budget.dollars).where(Budget.subject_id == WHOLE_DAY))
    if most is None and not spent.dollars:
        return None
    return TodayView(dollars=spent.dollars, most=None if most is None else float(most))
