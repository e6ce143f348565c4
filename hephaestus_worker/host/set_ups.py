"""The set-ups that run on this host, each on a thread of its own beside the crew's.

They take minutes and wait for no one, so they would keep the crew from its work.
"""

import threading
import time
from collections.abc import Callable
from uuid import UUID


class SetUps:
    """The set-ups under way, one per agent."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: dict[UUID, threading.Event] = {}

    def begin(
        self, agent_id: UUID, do: Callable[[threading.Event], None], *, then: Callable[[], None]
    ) -> None:
        """Do it on a thread, unless one runs for this agent.

        Args:
            do: ends soon after its event is set; reports its own errors.
            then: is called once none runs any more for the agent.
        """
        with self._changed:
            if agent_id in self._running:
                return
            stop = self._running[agent_id] = threading.Event()
        thread = threading.Thread(
            target=self._do,
            args=(agent_id, do, stop, then),
            name=f"set-up {agent_id}",
            daemon=True,
        )
        thread.start()

    def runs(self, agent_id: UUID) -> bool:
        """Say whether one runs for this agent."""
        with self._changed:
            return agent_id in self._running

    def stop(self, agent_id: UUID) -> bool:
        """Ask for the end of the agent's set-up; False if none runs."""
        with self._changed:
            found = self._running.get(agent_id)
            if found is not None:
                found.set()
            return found is not None

    def close(self, seconds: float) -> None:
        """Ask for the end of all, and wait so long for it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            for stop in self._running.values():
                stop.set()
            while self._running and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def _do(
        self,
        agent_id: UUID,
        do: Callable[[threading.Event], None],
        stop: threading.Event,
        then: Callable[[], None],
    ) -> None:
        try:
            do(stop)
        finally:
            with self._changed:
                del self._running[agent_id]
                self._changed.notify_all()
            then()
