"""Whether the bells of other processes still reach this one."""

import threading
import time
from collections.abc import Callable


class Hearing:
    """Notes the bells that come from the broker, and knocks when none has come for a while.

    Args:
        knock: rings this host's own bell by way of the broker; False if that did not take it.
        patience: seconds without a bell after which it knocks.
    """

    def __init__(self, knock: Callable[[], bool], *, patience: float) -> None:
        self._knock = knock
        self._patience = patience
        self._heard = 0
        self._heard_at = time.monotonic()
        self._unanswered = False
        self._refused = False
        self._knocking = threading.Thread()

    def note(self) -> None:
        """Note that a bell has come."""
        self._heard += 1
        self._heard_at = time.monotonic()
        self._unanswered = self._refused = False

    def cut_off(self) -> bool:
        """Say whether the broker took no knock and no bell has come since."""
        return self._refused

    def check(self) -> None:
        """Knock if it has been silent for long; returns at once."""
        if time.monotonic() - self._heard_at > self._patience and not self._knocking.is_alive():
            # In another thread: a hanging broker would delay the caller.
            self._knocking = threading.Thread(target=self._try, name="knock", daemon=True)
            self._knocking.start()

    def mark(self) -> int | None:
        """Return what changes with each bell; None unless the broker holds an unheard knock.

        A broker that is away is no deafness: a new process would hear no better.
        """
        return self._heard if self._unanswered else None

    def _try(self) -> None:
        heard = self._heard
        taken = self._knock()
        if heard == self._heard:
            self._unanswered, self._refused = taken, not taken
