"""Attempts over time as bars in lanes: where each stands, in the units of a drawing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.outline.views import TimelineAttempt

#: Units of a drawing's width, and of the height of a row of bars.
WIDTH: Final = 1000
ROW: Final = 16
#: Bars are at least this wide, to be seen and pressed.
_LEAST: Final = 4.0


@dataclass(frozen=True)
class Bar:
    """One attempt."""

    attempt: TimelineAttempt
    sign: Sign
    x: float
    y: int
    width: float


@dataclass(frozen=True)
class Lane:
    """The attempts of one phase; those at the same time stand below each other."""

    phase_id: int | None
    height: int
    bars: list[Bar]


@dataclass(frozen=True)
class Timeline:
    """All lanes, and the time from the left edge to the right one."""

    begin: datetime
    end: datetime
    lanes: list[Lane]
    signs: tuple[Sign, ...] = (Sign.AT_WORK, Sign.DONE, Sign.FAILED, Sign.STOPPED)
    """All that bars can stand for."""


def drawn(attempts: list[TimelineAttempt], now: datetime) -> Timeline | None:
    """Return attempts, oldest first, as bars; None if there are none."""
    if not attempts:
        return None
    begin = attempts[0].started_at
    end = max(each.ended_at or now for each in attempts)
    unit = WIDTH / max((end - begin).total_seconds(), 1.0)
    by_phase: dict[int | None, list[Bar]] = defaultdict(list)
    for each in attempts:
        x = (each.started_at - begin).total_seconds() * unit
        width = max(((each.ended_at or now) - each.started_at).total_seconds() * unit, _LEAST)
        x = min(x, WIDTH - width)
        by_phase[each.phase_id].append(Bar(each, _sign(each), round(x, 1), 0, round(width, 1)))
    phases = sorted(by_phase, key=lambda phase: (phase is None, phase))
    return Timeline(begin, end, [_lane(phase, by_phase[phase]) for phase in phases])


def _lane(phase_id: int | None, bars: Iterable[Bar]) -> Lane:
    """Put each bar into the first row where it touches no other."""
    rows: list[float] = []
    placed = []
    for bar in sorted(bars, key=lambda bar: bar.x):
        row = next((n for n, free in enumerate(rows) if free <= bar.x), len(rows))
        rows[row:] = [bar.x + bar.width + 1, *rows[row + 1 :]]
        placed.append(Bar(bar.attempt, bar.sign, bar.x, row * ROW, bar.width))
    return Lane(phase_id, len(rows) * ROW, placed)


def _sign(attempt: TimelineAttempt) -> Sign:
    if attempt.ended_at is None:
        return Sign.AT_WORK
    if attempt.failed or attempt.status == AgentStatus.LOST:
        return Sign.FAILED
    return Sign.STOPPED if attempt.stopped else Sign.DONE
