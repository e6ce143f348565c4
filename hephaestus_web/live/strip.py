"""The numbers of the strip on every page, read again only after something has happened."""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from flask import Flask, current_app

from hephaestus_core.attention.service import inbox
from hephaestus_core.attention.views import CountsView
from hephaestus_core.budgets.today import TodayView, spent_today
from hephaestus_core.db.engine import AWAY, Database
from hephaestus_core.events.log import last_seq

_KEY: Final = "strip"
#: Seconds after which the numbers are read anyway: hosts fall silent without an event.
_OLDEST: Final = 5.0


@dataclass(frozen=True)
class Numbers:
    """What the strip shows."""

    counts: CountsView
    today: TodayView | None
    """None: nothing is known of money."""


@dataclass
class Strip:
    """The numbers of one process, kept until the next event."""

    database: Database
    _lock: Lock = field(default_factory=Lock)
    _kept: tuple[int, float, Numbers] | None = None

    def numbers(self) -> Numbers | None:
        """Return the numbers; None while the database is away."""
        try:
            with self.database.reading() as session:
                newest = last_seq(session)
            kept = self._kept
            if kept and kept[0] == newest and time.monotonic() - kept[1] < _OLDEST:
                return kept[2]
            with self._lock:
                return self._read(newest)
        except AWAY:
            return None

    def _read(self, newest: int) -> Numbers:
        """Read the numbers, unless another thread has done so while this one waited."""
        kept = self._kept
        if kept and kept[0] >= newest and time.monotonic() - kept[1] < _OLDEST:
            return kept[2]
        began = time.monotonic()
        numbers = Numbers(inbox(self.database, limit=0).counts, spent_today(self.database))
        self._kept = (newest, began, numbers)
        return numbers


def install(app: Flask, strip: Strip) -> None:
    """Make the strip reachable from requests."""
    app.extensions[_KEY] = strip


def numbers() -> Numbers | None:
    """Return the numbers for the page that is rendered now."""
    found: Strip = current_app.extensions[_KEY]
    return found.numbers()
