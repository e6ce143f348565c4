"""Live terminals: what hosts append to the streams of watched agents goes to those who look on.

One thread reads the streams of all agents that clients of this process watch. A client says how far
it has shown the output; one that is slow is sent nothing more for a while. It sees the gap by the
offsets and reads the log, so no output waits in memory for it.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import redis
from redis.exceptions import RedisError

from hephaestus_core.terminals import wire

_log = logging.getLogger(__name__)

#: Bytes that a client may have been sent without having shown them.
WINDOW_BYTES: Final = 8 * wire.CHUNK_BYTES
#: Terminals that one client may watch at once.
WATCHED_AT_ONCE: Final = 8
#: Milliseconds for which one read waits; the streams of new watches are read from the next one on.
_BLOCK_MS: Final = 200
#: Seconds until the next try when Redis is away.
_RETRY_SECONDS: Final = 1.0
_CHUNKS_AT_ONCE: Final = 50

#: Sends a chunk to a client: its id and the message.
Sender = Callable[[str, dict[str, Any]], None]


@dataclass
class _Viewer:
    """A client that watches an agent, and how far it is."""

    host: str
    sent: int | None = None
    """Position after the last chunk that it was sent; None before the first."""
    shown: int = 0

    def may_get(self, chunk: wire.Chunk) -> bool:
        """Whether it has shown enough of what it was sent; then the chunk counts as sent."""
        if self.sent is None:
            self.shown = max(self.shown, chunk.offset)
        elif self.sent - self.shown > WINDOW_BYTES and not chunk.ended:
            return False
        self.sent = chunk.end
        return True


class Terminals:
    """The watched agents of this process.

    Args:
        client: of the broker's server; None where none is configured, then nothing is live.
    """

    def __init__(self, client: redis.Redis | None) -> None:
        self._redis = client
        self._changed = threading.Condition()
        self._viewers: dict[UUID, dict[str, _Viewer]] = {}
        self._read_to: dict[UUID, bytes] = {}
        self._ordered_at = 0.0
        self._closed = False
        self._send: Sender = lambda _sid, _message: None

    def start(self, send: Sender) -> None:
        """Start the thread that reads the streams."""
        self._send = send
        if self._redis is not None:
            threading.Thread(target=self._follow, name="terminals", daemon=True).start()

    def close(self) -> None:
        """End the thread. Safe to call from a signal handler, and twice."""
        self._closed = True
        # In a thread: the interrupted one may hold the lock.
        threading.Thread(target=self._wake, daemon=True).start()

    def watch(self, sid: str, agent_id: UUID, host: str) -> bool:
        """Send a client the output of an agent; returns False if it may not watch one more."""
        with self._changed:
            watched = [key for key, viewers in self._viewers.items() if sid in viewers]
            if len(watched) >= WATCHED_AT_ONCE and agent_id not in watched:
                return False
            self._viewers.setdefault(agent_id, {})[sid] = _Viewer(host)
            self._ordered_at = 0.0
            self._changed.notify_all()
        return True

    def leave(self, sid: str, agent_id: UUID | None = None) -> None:
        """Send a client no more of an agent, or of all."""
        with self._changed:
            for key in [agent_id] if agent_id else list(self._viewers):
                viewers = self._viewers.get(key, {})
                viewers.pop(sid, None)
                if not viewers:
                    self._viewers.pop(key, None)
                    self._read_to.pop(key, None)

    def note_shown(self, sid: str, agent_id: UUID, offset: int) -> None:
        """Note that a client shows all of an agent's output before ``offset``."""
        with self._changed:
            viewer = self._viewers.get(agent_id, {}).get(sid)
            if viewer is not None:
                viewer.shown = max(viewer.shown, offset)

    def _follow(self) -> None:
        while not self._closed:
            try:
                with self._changed:
                    while not self._viewers and not self._closed:
                        self._changed.wait()
                self._look()
            except RedisError as error:
                _log.warning("terminals are not live: %s", str(error).splitlines()[0])
                self._pause()
            except Exception:  # the thread goes on, for the other terminals
                _log.exception("terminals failed")
                self._pause()

    def _look(self) -> None:
        """Order the output of watched agents now and then, and hand on what has come."""
        assert self._redis is not None
        self._order(self._redis)
        with self._changed:
            agents = {wire.output_key(agent_id).encode(): agent_id for agent_id in self._viewers}
        known: Any = {key: self._position(self._redis, agents[key]) for key in agents}
        if not known:
            return
        found: Any = self._redis.xread(known, count=_CHUNKS_AT_ONCE, block=_BLOCK_MS)
        for key, entries in found or ():
            for number, entry in entries:
                self._hand_on(agents[key], number, entry)

    def _order(self, client: redis.Redis) -> None:
        now = time.monotonic()
        if now - self._ordered_at < wire.RENEWAL_SECONDS:
            return
        self._ordered_at = now
        with self._changed:
            hosts = {(key, v.host) for key, found in self._viewers.items() for v in found.values()}
        with client.pipeline(transaction=False) as orders:
            for agent_id, host in hosts:
                key = wire.orders_key(host)
                orders.xadd(key, {"agent": str(agent_id)}, maxlen=wire.STREAM_ORDERS)
                orders.expire(key, wire.STREAM_SECONDS)
            orders.execute()

    def _position(self, client: redis.Redis, agent_id: UUID) -> bytes:
        """Return the number of the entry up to which an agent's stream is read."""
        position = self._read_to.get(agent_id)
        if position is None:
            newest: Any = client.xrevrange(wire.output_key(agent_id), count=1)
            position = newest[0][0] if newest else b"0-0"
            self._note_read(agent_id, position)
        return position

    def _note_read(self, agent_id: UUID, number: bytes) -> None:
        """Note how far an agent's stream is read, unless nobody watches it any more."""
        with self._changed:
            if agent_id in self._viewers:
                self._read_to[agent_id] = number

    def _hand_on(self, agent_id: UUID, number: bytes, entry: dict[bytes, bytes]) -> None:
        self._note_read(agent_id, number)
        try:
            chunk = wire.Chunk.unpacked(entry)
        except ValueError as error:
            _log.warning("an entry of agent %s is left out: %s", agent_id, error)
            return
        with self._changed:
            viewers = self._viewers.get(agent_id, {})
            ready = [sid for sid, viewer in viewers.items() if viewer.may_get(chunk)]
        message = _message(agent_id, chunk)
        for sid in ready:
            self._send(sid, message)

    def _pause(self) -> None:
        """Wait before the next try, unless this process ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, timeout=_RETRY_SECONDS)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _message(agent_id: UUID, chunk: wire.Chunk) -> dict[str, Any]:
    return {
        "agent_id": str(agent_id),
        "offset": chunk.offset,
        "end": chunk.end,
        "text": chunk.data.decode("utf-8", "replace"),
        "columns": chunk.columns,
        "rows": chunk.rows,
        "ended": chunk.ended,
    }
