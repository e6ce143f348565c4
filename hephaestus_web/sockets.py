"""Live events over Socket.IO.

No message queue joins several web processes: each of them listens to the database by itself and
serves its own clients, so there is nothing to fan out, and no Redis whose loss could cost events.
What is sent is a hint with a number; a client that finds a gap reads the log.
"""

import threading
from typing import Any, Final

from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused  # type: ignore[import-untyped]
from flask_socketio import SocketIO, emit

from hephaestus_core.errors import HephaestusError, Unauthenticated
from hephaestus_core.events.log import EventView
from hephaestus_web.auth import logged_in
from hephaestus_web.event_feed import EventFeed
from hephaestus_web.schemas.events import EventSchema
from hephaestus_web.seats import Seats
from hephaestus_web.wiring import wiring

#: Bytes of one message from a client; clients have nothing to say but their token.
_MESSAGE_BYTES: Final = 16_384


class Sockets:
    """The Socket.IO server of this process.

    Args:
        seats: each client keeps a thread, so each takes a place.
    """

    def __init__(self, app: Flask, feed: EventFeed, seats: Seats) -> None:
        self._server = SocketIO(
            app,
            async_mode="threading",
            manage_session=False,
            max_http_buffer_size=_MESSAGE_BYTES,
            serve_client=False,
        )
        self._seats = seats
        self._seated: set[str] = set()
        self._lock = threading.Lock()
        self._server.on_event("connect", self._connect)
        self._server.on_event("disconnect", self._disconnect)
        feed.tell(self._send)

    def allow_only_websocket(self) -> None:
        """Refuse polling, whose requests would have to find the same process each time."""
        self._engine().transports = ["websocket"]

    def close(self) -> None:
        """End all connections."""
        engine = self._engine()
        for sid in list(engine.sockets):
            engine.disconnect(sid)

    def _engine(self) -> Any:
        return self._server.server.eio

    def _connect(self, auth: Any = None) -> None:
        try:
            _authenticate(auth)
            self._seats.take()
        except HephaestusError as error:
            raise Refused(error.message, {"code": error.code}) from error
        with self._lock:
            self._seated.add(_sid())
        emit("hello", {"last_seq": wiring().feed.newest})

    def _disconnect(self, _reason: Any = None) -> None:
        with self._lock:
            if _sid() not in self._seated:
                return
            self._seated.remove(_sid())
        self._seats.give_back()

    def _send(self, events: list[EventView]) -> None:
        if not self._seated:
            return
        for event in EventSchema().dump(events, many=True):
            self._server.emit("event", event)


def _authenticate(auth: Any) -> None:
    """Let people in, by token or by the cookie of their login; every role may read all events."""
    token = auth.get("token") if isinstance(auth, dict) else None
    if isinstance(token, str):
        wiring().people.by_token(token)
    elif logged_in() is None:
        raise Unauthenticated("Send a token: auth {'token': …}.")


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid
