"""Following the event log: long-polls from the last number seen, through restarts of the API."""

import time
from collections.abc import Callable, Iterator

from hephaestus_sdk.api.views import Event
from hephaestus_sdk.client import LONGEST_WAIT, HephaestusClient
from hephaestus_sdk.errors import Unavailable

#: Seconds that a wait goes on trying while nothing answers: several times what a restart takes.
PATIENCE = 120.0


class EventCursor:
    """A place in the event log that only moves on.

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
        """Move on to the newest event there is, without showing those before it."""
        self.after = self._client.events("latest").last_seq

    def batches(
        self,
        *,
        deadline: float | None = None,
        longest: Callable[[], float] = lambda: LONGEST_WAIT,
    ) -> Iterator[list[Event]]:
        """Yield events as they come, in order, each once.

        An empty batch says that nothing came for as long as the server holds a request back; a
        caller may then look for itself.

        Args:
            deadline: value of ``time.monotonic()`` at which the batches end; None: never.
            longest: seconds that the next request may be held back.

        Raises:
            Unavailable: nothing answered for :data:`PATIENCE` seconds.
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
