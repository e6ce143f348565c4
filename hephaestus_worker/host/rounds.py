"""A host's own rounds: what no bell came for, since beat or the broker is away."""

import threading
from collections.abc import Callable, Mapping

from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.host.crew import Crew

#: Periods of beat after which a host waits no more for its bell.
_PATIENCE = 1.5
_LOOK_SECONDS = 0.5
#: What a host that is cut off does at each look: reports of its agents and new tasks ring in vain.
_OFTEN_WHEN_CUT_OFF = CeleryTaskName.RECONCILE_HOST


class Rounds(threading.Thread):
    """Has the crew do its periodic work when no bell came for it.

    Args:
        periods: by the name of the work, the seconds between two bells.
        cut_off: says whether no bell can come, since the broker is away.
        stopping: ends the rounds.
    """

    def __init__(
        self,
        crew: Crew,
        periods: Mapping[str, float],
        *,
        cut_off: Callable[[], bool],
        stopping: threading.Event,
    ) -> None:
        super().__init__(name="rounds", daemon=True)
        self._crew = crew
        self._periods = periods
        self._cut_off = cut_off
        self._stopping = stopping

    def run(self) -> None:
        """Look for work that is overdue, until the host stops."""
        while not self._stopping.wait(_LOOK_SECONDS):
            for name, period in self._periods.items():
                if self._crew.silence(name) > _PATIENCE * period:
                    self._crew.hear(name)
            if self._cut_off():
                self._crew.hear(_OFTEN_WHEN_CUT_OFF)
