"""The threads and connections of one web process: their start and the order of their end."""

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import redis
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.access.service import ensure_token
from hephaestus_core.db.engine import Database
from hephaestus_core.doorbell import HANGING_SECONDS, Doorbell
from hephaestus_core.vectors.service import Vectors
from hephaestus_core.watchdog import Part, Watchdog
from hephaestus_web.live.event_feed import EventFeed
from hephaestus_web.live.sockets import Sockets
from hephaestus_web.live.terminal_sockets import TerminalSockets
from hephaestus_web.mcp.mount import McpMount

#: Seconds for which a start waits for the database; then the supervisor tries again.
_PATIENCE_SECONDS: Final = 30.0
_RETRY_SECONDS: Final = 0.2
#: Seconds for all events that are new at one look, with the answers of the database.
_LONGEST_READ_SECONDS: Final = 90.0


@dataclass(frozen=True)
class Running:
    """The parts that start in the serving process, after any fork, and end with it."""

    admin_token: str
    database: Database
    vectors: Vectors
    feed: EventFeed
    sockets: Sockets
    terminals: TerminalSockets
    mcp: McpMount
    doorbell: Doorbell | None
    redis: redis.Redis | None
    _ending: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Wait for the database, store the admin's token, and start all threads.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        self._introduce_admin()
        self.vectors.want()
        self.feed.start()
        self.sockets.start()
        self.terminals.start()
        self.mcp.start()
        parts = {"the event feed": Part(self.feed.mark, _LONGEST_READ_SECONDS)}
        if self.doorbell is not None:
            self.doorbell.start()
            parts["the sender of bells"] = Part(self.doorbell.mark, HANGING_SECONDS)
        Watchdog(parts, last_act=lambda: None).start()

    def end_waits(self) -> None:
        """Answer all waiting clients, so that a stop is quick."""
        self._ending.set()
        self.feed.close()
        self.terminals.close()
        self.sockets.close()

    def close(self) -> None:
        """End all threads and connections."""
        self.end_waits()
        self.mcp.close()
        self.vectors.close()
        if self.doorbell is not None:
            self.doorbell.close()
        if self.redis is not None:
            self.redis.close()
        self.database.close()

    def _introduce_admin(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return ensure_token(
                    self.database, name="admin", role="admin", token=self.admin_token
                )
            except SQLAlchemyError:
                if time.monotonic() > deadline or self._ending.wait(_RETRY_SECONDS):
                    raise
