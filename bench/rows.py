"""One row of the table: a measured value, and whether it meets its target."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Target:
    """A bound for a value: at most ``limit``, or at least ``limit``."""

    limit: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"


@dataclass(frozen=True)
class Row:
    """One measure's result.

    Args:
        value: the value to compare with the target.
        unit: the unit of the value and the target; "x" for a ratio.
        samples: the number of single measurements behind the value.
        raw: the data behind the value.
    """

    value: float
    unit: str
    target: Target
    samples: int
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return math.isfinite(self.value) and self.target.met_by(self.value)

    def as_json(self) -> dict[str, Any]:
        return {
            "value": rounded(self.value),
            "unit": self.unit,
            "target": str(self.target),
            "ok": self.ok,
            "samples": self.samples,
            "raw": _plain(self.raw),
        }


def p50(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least ``percent`` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def rounded(value: float) -> float:
    """Return the value with four significant digits; no measurement here is more precise."""
    return float(f"{value:.4g}")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
