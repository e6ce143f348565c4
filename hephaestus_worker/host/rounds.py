"""A host's own rounds: what no bell came for, since beat or the broker is away."""

import threading
from collections.abc import Mapping

from hephaestus_worker.host.crew import Crew

#: Periods of beat after which a host waits no more for its bell.
_PATIENCE = 1.5
_LOOK_SECONDS = 0.5


class Rounds(threading.Thread):
    """Has the crew do its periodic work when no bell came for it.

    Args:
        periods: by the name of the work, the seconds between two bells.
        stopping: ends the rounds.
    """

    def __init__(
        self, crew: Crew, periods: Mapping[str, float], *, stopping: threading.Event
    ) -> None:
        super().__init__(name="rounds", daemon=True)
        self._crew = crew
        self._periods = periods
        self._stopping = stopping

    def run(self) -> None:
        """Look for work that is overdue, until the host stops."""
        while not self._stopping.wait(_LOOK_SECONDS):
            for name, period in self._periods.items():
                if self._crew.silence(name) > _PATIENCE * period:
                    self._crew.hear(name)
