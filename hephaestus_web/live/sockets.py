"""Live events over Socket.IO.

Each web process listens to the database and serves its own clients, so no message queue between
processes is needed. A message is a hint with a number; a client that finds a gap reads the log.

Programs get whole events. A page says with its login what it shows, since it only has to know that
something changed: ``{"follow": "all"}``, the id of a workflow, or ``"strip"`` for nothing but the
numbers on top. It gets ``news`` at each change, and ``changed`` if what it shows is concerned.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from flask import Flask, request, session
from flask_socketio import ConnectionRefusedError as Refused  # type: ignore[import-untyped]
from flask_socketio import SocketIO, emit, join_room
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.access.rules import Scope
from hephaestus_core.access.service import Person
from hephaestus_core.contract.errors import (
    HephaestusError,
    InvalidInput,
    Unauthenticated,
    Unavailable,
)
from hephaestus_core.events.log import EventView
from hephaestus_core.logging import log_event
from hephaestus_core.tokens import token_hash
from hephaestus_web.access.auth import LOGIN, Access, Need, refuse_unless_allowed
from hephaestus_web.access.known_people import KnownPeople, known_people
from hephaestus_web.access.token_guesses import token_guesses
from hephaestus_web.live.connections import Connections
from hephaestus_web.live.event_feed import EventFeed, event_feed
from hephaestus_web.live.permits import UNKNOWN_CONNECTIONS, Permits
from hephaestus_web.schemas.events import EventSchema

_log = logging.getLogger(__name__)

#: Most bytes of a message from a client, which sends nothing but its token.
_MESSAGE_BYTES: Final = 16_384
#: Seconds between two signs of life: a page that misses one says that it may be out of date.
PING_SECONDS: Final = 1.0
#: Seconds for a client's answer to one.
_PONG_SECONDS: Final = 20.0
#: Seconds for the login of a connection; then it is closed.
_PATIENCE_SECONDS: Final = 5.0
#: Seconds between two searches for connections that are to be ended.
_SWEEP_SECONDS: Final = 1.0
#: Seconds between two checks of a connection's token, also where nothing happens: a terminal that
#: somebody watches writes on without an event.
_TRUST_SECONDS: Final = 2.0

#: Rooms of those who get whole events, of all pages, and of pages that show all workflows.
_PROGRAMS: Final = "programs"
_PAGES: Final = "pages"
_ALL: Final = "all"
#: What a page without workflows follows.
_STRIP: Final = "strip"


class Sockets:
    """The Socket.IO server of this process.

    Args:
        permits: each client keeps a thread, so each holds one.
        people: holders of valid tokens, checked at the login and later.
    """

    def __init__(self, app: Flask, feed: EventFeed, permits: Permits, people: KnownPeople) -> None:
        self._server = SocketIO(
            app,
            async_mode="threading",
            # In the order in which a client says them: keys that overtake others are other words.
            async_handlers=False,
            manage_session=False,
            max_http_buffer_size=_MESSAGE_BYTES,
            serve_client=False,
            ping_interval=PING_SECONDS,
            ping_timeout=_PONG_SECONDS,
        )
        self._connections = Connections(Permits(UNKNOWN_CONNECTIONS), permits)
        self._feed = feed
        self._people = people
        self._checked = time.monotonic()
        self._server.on_event("connect", self._greet)
        self._watch_connections()
        self._let_clients_leave_first()
        feed.tell(self._send)

    @property
    def server(self) -> SocketIO:
        """Return the server, for messages about other things."""
        return self._server

    def person(self, sid: str) -> Person:
        """Return the person of a connection.

        Raises:
            Unauthenticated: their token has ended.
        """
        hashed = self._connections.token_of(self._server.server.manager.eio_sid_from_sid(sid, "/"))
        if hashed is None:
            raise Unauthenticated("This connection has ended.")
        return self._people.by_hash(hashed)

    def start(self) -> None:
        """Start the thread that closes connections without a login or with an ended token."""
        threading.Thread(target=self._sweep, name="socket-sweep", daemon=True).start()

    def allow_only_websocket(self) -> None:
        """Refuse polling, whose requests would all have to reach the same process."""
        self._engine().transports = ["websocket"]

    def close(self) -> None:
        """Close all connections."""
        for engine_id in list(self._engine().sockets):
            self._end(engine_id)

    def _engine(self) -> Any:
        return self._server.server.eio

    def _watch_connections(self) -> None:
        """Give each connection a permit before its login: it holds a thread already."""
        handlers = self._engine().handlers
        connected, disconnected = handlers["connect"], handlers["disconnect"]

        def connect(engine_id: str, environ: dict[str, Any]) -> Any:
            try:
                self._connections.arrive(engine_id)
            except Unavailable:
                return False
            return connected(engine_id, environ)

        def disconnect(engine_id: str, reason: str) -> None:
            self._connections.leave(engine_id)
            disconnected(engine_id, reason)

        handlers.update(connect=connect, disconnect=disconnect)

    def _let_clients_leave_first(self) -> None:
        """Log a line, not a traceback, when a client has closed the socket before its thread."""
        engine = self._engine()
        start = engine.start_background_task

        def run(task: Callable[..., None], *args: Any, **kwargs: Any) -> None:
            try:
                task(*args, **kwargs)
            except OSError as error:
                log_event(_log, "socket_gone", reason=str(error))

        engine.start_background_task = lambda task, *args, **kwargs: start(
            run, task, *args, **kwargs
        )

    def _greet(self, auth: Any = None) -> None:
        engine_id = self._server.server.manager.eio_sid_from_sid(_sid(), "/")
        try:
            self._connections.introduce(engine_id, _authenticate(auth))
            for room in _rooms(auth):
                join_room(room)
        except HephaestusError as error:
            raise Refused(error.message, {"code": error.code}) from error
        emit("hello", {"last_seq": event_feed().newest})

    def _sweep(self) -> None:
        while self._feed.pause(_SWEEP_SECONDS):
            try:
                self._look_at_connections()
            except Exception:  # the thread goes on, for the other connections
                _log.exception("connections not looked at")

    def _look_at_connections(self) -> None:
        for engine_id in self._connections.silent(_PATIENCE_SECONDS):
            self._end(engine_id)
        if time.monotonic() - self._checked > _TRUST_SECONDS:
            self._end_those_without_a_good_token(self._connections.tokens())

    def _end(self, engine_id: str) -> None:
        """Close a connection without waiting for it.

        The server's own ``disconnect`` waits until its queue is sent, and for ever if the client
        leaves at that moment.
        """
        connection = self._engine().sockets.pop(engine_id, None)
        if connection is not None:
            connection.close(wait=False, reason=self._engine().reason.SERVER_DISCONNECT)

    def _send(self, events: list[EventView]) -> None:
        if not self._connections.tokens():
            return
        if self._has(_PROGRAMS):
            for event in EventSchema().dump(events, many=True):
                self._server.emit("event", event, to=_PROGRAMS)
        self._server.emit("news", events[-1].seq, to=_PAGES)
        for room in [_ALL, *{str(event.workflow_id) for event in events}]:
            if self._has(room):
                self._server.emit("changed", events[-1].seq, to=room)

    def _has(self, room: str) -> bool:
        return room in self._server.server.manager.rooms.get("/", {})

    def _end_those_without_a_good_token(self, tokens: set[str]) -> None:
        """Check all tokens; connections stay open while the database does not answer."""
        try:
            gone = [hashed for hashed in tokens if not self._is_good(hashed)]
        except SQLAlchemyError as error:
            _log.warning("tokens not looked at: %s", str(error).splitlines()[0])
            return
        self._checked = time.monotonic()
        for hashed in gone:
            for engine_id in self._connections.with_token(hashed):
                self._end(engine_id)

    def _is_good(self, hashed: str) -> bool:
        try:
            self._people.by_hash(hashed)
        except Unauthenticated:
            return False
        return True


def _authenticate(auth: Any) -> str:
    """Return the hash of the token of a person who may read events.

    The token comes with the connection, or from the cookie of a login.
    """
    token = auth.get("token") if isinstance(auth, dict) else None
    hashed = token_hash(token) if isinstance(token, str) else session.get(LOGIN)
    if hashed is None:
        raise Unauthenticated("Send a token: auth {'token': …}.")
    with token_guesses().counted("api"):
        person = known_people().by_hash(hashed)
    refuse_unless_allowed(person, Access(Need.VIEWER, Scope.READ))
    return str(hashed)


def _rooms(auth: Any) -> tuple[str, ...]:
    """Return the rooms of a client by what it says that it follows.

    Raises:
        InvalidInput: it follows nothing that there is.
    """
    wanted = auth.get("follow") if isinstance(auth, dict) else None
    if wanted is None:
        return (_PROGRAMS,)
    if wanted in (_ALL, _STRIP):
        return (_PAGES, wanted)
    try:
        return (_PAGES, str(UUID(wanted)))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "'follow' is 'all', 'strip' or the id of a workflow.", field="follow"
        ) from error


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid
