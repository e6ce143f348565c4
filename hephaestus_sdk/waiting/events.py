"""Follows the event log by long-polls, across restarts of the API."""

import time
from collections.abc import Callable, Iterator

from hephaestus_sdk.api.views import Event
from hephaestus_sdk.client import LONGEST_WAIT, HephaestusClient
from hephaestus_sdk.errors import Unavailable

#: Seconds for which a wait tries again without an answer: several times the length of a restart.
PATIENCE = 120.0


class EventCursor:
    """A position in the event log that only grows.

    Args:
        client: the API to ask.
        workflow_id: only events of this workflow; None for all.
        after: sequence number of the last event seen.
    """

    def __init__(
        self, client: HephaestusClient, *, workflow_id: str | None = None, after: int = 0
    ) -> None:
        self._client = client
        self._workflow_id = workflow_id
        self.after = after

    def skip(self) -> None:
        """Move to the newest event, skipping those before it."""
        self.after = self._client.events("latest").last_seq

    def batches(
        self,
        *,
        deadline: float | None = None,
        longest: Callable[[], float] = lambda: LONGEST_WAIT,
    ) -> Iterator[list[Event]]:
        """Yield batches of events in order, each event once.

        A batch is empty after a long-poll without events; the caller may then poll.

        Args:
            deadline: value of ``time.monotonic()`` at which the batches end; None: never.
            longest: most seconds of the next long-poll.

        Raises:
            Unavailable: no answer for :data:`PATIENCE` seconds.
        """
        while True:
            left = _left(deadline)
            try:
                page = self._client.events(
                    self.after,
                    workflow_id=self._workflow_id,
                    wait=min(longest(), max(left, 0.0)),
                    patience=min(PATIENCE, max(left, 0.0)),
                )
            except Unavailable:
                if _left(deadline) > 0:
                    raise
                return
            self.after = max(self.after, page.last_seq)
            yield list(page.items)
            if _left(deadline) <= 0:
                return


def _left(deadline: float | None) -> float:
    return float("inf") if deadline is None else deadline - time.monotonic()
