"""The threads that do a host's work, each piece when its bell is heard."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from hephaestus_core.contract.errors import RepositoryError, Unavailable
from hephaestus_core.db.engine import AWAY
from hephaestus_core.logging import log_event

logger = logging.getLogger(__name__)

#: A server that does not answer, or work that cannot be saved now, is no fault of the work: a later
#: pass repeats it.
_AWAY = (*AWAY, RepositoryError, Unavailable)

#: The name of a piece of work, and the ids that it is about.
Piece = tuple[str, tuple[str, ...]]


class Crew:
    """Does pieces of work in the order of their bells; of equal ones that wait, one is done.

    Bells come from the broker, and from the host itself without it.

    Args:
        do: does one piece of work.
        threads: pieces at once.
        apart: by name, the least seconds between two bells for sweeps that count how often they
            look; a bell that comes sooner is not heard.
    """

    def __init__(
        self,
        do: Callable[[str, tuple[str, ...]], None],
        *,
        threads: int,
        apart: Mapping[str, float] | None = None,
    ) -> None:
        self._do = do
        self._apart = apart or {}
        self._changed = threading.Condition()
        self._waiting: dict[Piece, None] = {}
        self._heard_at: dict[str, float] = {}
        self._made_at = time.monotonic()
        self._begun = 0
        self._running = 0
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"crew-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Start to work."""
        for thread in self._threads:
            thread.start()

    def close(self, seconds: float) -> None:
        """Begin nothing more, and wait so long for what is being done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running, seconds)

    def hear(self, name: str, *ids: str) -> None:
        """Have a piece of work done; returns at once."""
        with self._changed:
            if (name, ids) in self._waiting or self._silence(name) < self._apart.get(name, 0.0):
                return
            self._heard_at[name] = time.monotonic()
            self._waiting[name, ids] = None
            self._changed.notify()

    def silence(self, name: str) -> float:
        """Return for how many seconds no bell of this name was heard; from the start on if none."""
        with self._changed:
            return time.monotonic() - self._heard_at.get(name, self._made_at)

    def mark(self) -> int | None:
        """Return what changes while work goes on; None while none waits. Never waits itself."""
        return self._begun if self._waiting else None

    def _silence(self, name: str) -> float:
        heard_at = self._heard_at.get(name)
        return float("inf") if heard_at is None else time.monotonic() - heard_at

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            try:
                self._do(*piece)
            except _AWAY as error:
                log_event(logger, "work_put_off", work=piece[0], reason=str(error).splitlines()[0])
            except Exception:  # the next pass finds the same rows
                logger.exception("work_failed work=%s ids=%s", piece[0], ",".join(piece[1]))
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()

    def _next(self) -> Piece | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            piece = next(iter(self._waiting))
            del self._waiting[piece]
            self._begun += 1
            self._running += 1
            return piece
