"""Time strips as numbers: where the bars of a drawing stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.digests.views import Happened

#: The drawing's own units; browsers scale it.
WIDTH: Final = 240


@dataclass(frozen=True)
class Bar:
    """A part of the strip."""

    x: int
    width: int


@dataclass(frozen=True)
class Strip:
    """When a workflow was open, and when somebody was at work on it."""

    open: Bar
    work: list[Bar]


def strip_of(happened: Happened, since: datetime, until: datetime) -> Strip:
    """Return the strip of a workflow; those of all workflows have the same scale.

    Args:
        happened: in the workflow.
        since: the left end of the strip.
        until: its right end.
    """
    work: list[Bar] = []
    for begins, ends in happened.at_work:
        bar = _bar(begins, ends, since, until)
        if work and bar.x <= work[-1].x + work[-1].width:
            begin, end = work[-1].x, max(bar.x + bar.width, work[-1].x + work[-1].width)
            work[-1] = Bar(begin, end - begin)
        else:
            work.append(bar)
    return Strip(_bar(happened.opened_at, happened.ended_at, since, until), work)


def _bar(begins: datetime, ends: datetime, since: datetime, until: datetime) -> Bar:
    """Return a bar that is wide enough to be seen."""
    whole = max((until - since).total_seconds(), 1.0)
    x = min(int((begins - since).total_seconds() / whole * WIDTH), WIDTH - 2)
    end = min(round((ends - since).total_seconds() / whole * WIDTH), WIDTH)
    return Bar(max(x, 0), max(end - max(x, 0), 2))
