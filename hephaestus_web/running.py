"""The threads and connections of one web process: how they start, and in which order they end."""

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import redis
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.access.service import ensure_token
from hephaestus_core.db.engine import Database
from hephaestus_web.live.doorbell import Doorbell
from hephaestus_web.live.event_feed import EventFeed
from hephaestus_web.live.sockets import Sockets
from hephaestus_web.mcp.mount import McpMount

#: Seconds that a start waits for the database; a supervisor tries again after that.
_PATIENCE_SECONDS: Final = 30.0
_RETRY_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Running:
    """What has to be started in the process that serves, after any fork, and ended with it."""

    admin_token: str
    database: Database
    feed: EventFeed
    sockets: Sockets
    mcp: McpMount
    doorbell: Doorbell | None
    redis: redis.Redis | None
    _ending: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start all threads, once the database is there and knows the admin's token.

        Raises:
            SQLAlchemyError: the database stayed away.
        """
        self._introduce_admin()
        self.feed.start()
        self.sockets.start()
        self.mcp.start()
        if self.doorbell is not None:
            self.doorbell.start()

    def end_waits(self) -> None:
        """Answer everybody who waits, so that a stop need not wait for them."""
        self._ending.set()
        self.feed.close()
        self.sockets.close()

    def close(self) -> None:
        """End all threads and connections."""
        self.end_waits()
        self.mcp.close()
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
