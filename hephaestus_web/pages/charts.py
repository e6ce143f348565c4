"""Charts as numbers: where each column of a drawing stands and how high it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

#: The drawing's own units; browsers scale it.
WIDTH: Final = 600
HEIGHT: Final = 120


@dataclass(frozen=True)
class Column:
    """One day of a chart."""

    day: date
    value: float
    x: float
    width: float
    height: float
    """At least 1 where the value is more than 0, so that it can be seen."""


def columns_of(values: Mapping[str, float], *, first: date, days: int) -> list[Column]:
    """Return a column for each day, those without a value among them.

    Args:
        values: by the day in the form ``2026-11-29``.
    """
    highest = max(values.values(), default=0.0)
    step = WIDTH / days
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        value = values.get(day.isoformat(), 0.0)
        height = max(1.0, value / highest * HEIGHT) if value > 0 else 0.0
        found.append(
            Column(day, value, round(number * step, 2), round(step * 0.8, 2), round(height, 2))
        )
    return found
