"""Live terminals: the output of this host's agents that somebody watches, as it is written."""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import redis
from redis.exceptions import RedisError

from hephaestus_core.agents import hosting
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.db.engine import AWAY
from hephaestus_core.logging import log_event
from hephaestus_core.terminals import keyboards, wire
from hephaestus_worker.agents.screens import Screens
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)

#: Seconds between two looks at the logs of watched agents.
_LOOK_SECONDS: Final = 0.05
#: Seconds between two looks at orders while nothing but screens of lists is watched.
_SCREENS_SECONDS: Final = 0.25
#: Seconds for which a host without watched agents waits for an order.
_IDLE_SECONDS: Final = 5.0
#: Seconds between two looks at which agents live, and at the sizes of their terminals.
_CHECK_SECONDS: Final = 1.0
#: Seconds until the next try when Redis or the database is away.
_RETRY_SECONDS: Final = 1.0
#: Bytes that a stream may be behind its log. Then it goes on near the end: readers see the gap.
_MOST_BEHIND: Final = 8 * wire.CHUNK_BYTES
#: Orders of one look.
_ORDERS_AT_ONCE: Final = 200


@dataclass
class _Tail:
    """The end of a watched agent's log."""

    position: int
    until: float
    """When it is forgotten without a further order."""
    size: tuple[int, int] = (wire.COLUMNS, wire.ROWS)
    told_at: float = 0.0
    ended: bool = False


class Streaming(threading.Thread):
    """Appends what watched agents write to their streams, until the worker stops.

    Args:
        client: waits at least ten seconds for an answer.
    """

    def __init__(self, machine: Machine, client: redis.Redis) -> None:
        super().__init__(name="streaming", daemon=True)
        self._machine = machine
        self._redis = client
        self._orders = wire.orders_key(machine.name)
        self._last_order: bytes | None = None
        self._tails: dict[UUID, _Tail] = {}
        self._screens = Screens(machine, client)
        self._checked_at = 0.0

    def run(self) -> None:
        """Look again and again; whatever goes wrong, readers have the log as well."""
        while not self._machine.stopping.is_set():
            try:
                self.look()
            except (RedisError, *AWAY):
                self._machine.stopping.wait(_RETRY_SECONDS)
            except Exception:  # the thread goes on, for the other agents
                logger.exception("terminals_not_streamed")
                self._machine.stopping.wait(_RETRY_SECONDS)

    def look(self) -> None:
        """Take orders, and send what is new; waits for an order if nobody watches."""
        self._take_orders()
        now = time.monotonic()
        self._tails = {key: tail for key, tail in self._tails.items() if tail.until > now}
        if self._tails and now - self._checked_at > _CHECK_SECONDS:
            self._check()
            self._checked_at = now
        for agent_id, tail in list(self._tails.items()):
            self._send(agent_id, tail, now)
        if self._screens:
            self._screens.look(now)

    def _take_orders(self) -> None:
        if self._last_order is None:
            # Of orders from before the start none counts: whoever still watches orders again.
            newest: Any = self._redis.xrevrange(self._orders, count=1)
            self._last_order = newest[0][0] if newest else b"0-0"
        idle = _SCREENS_SECONDS if self._screens else _IDLE_SECONDS
        wait = _LOOK_SECONDS if self._tails else idle
        known: Any = {self._orders: self._last_order}
        found: Any = self._redis.xread(known, count=_ORDERS_AT_ONCE, block=int(wait * 1000))
        for _, entries in found or ():
            for number, order in entries:
                self._last_order = number
                with suppress(KeyError, ValueError):  # none of ours
                    self._obey(UUID(order[b"agent"].decode()), order)

    def _obey(self, agent_id: UUID, order: Mapping[bytes, bytes]) -> None:
        if b"keys" in order:
            hold = UUID(order[b"hold"].decode())
            name, fence = self._machine.name, int(order[b"fence"])
            self._press(keyboards.Hold(hold, agent_id, name, fence), order[b"keys"])
        elif b"screen" in order:
            self._screens.watch(agent_id)
        else:
            self._watch(agent_id)

    def _press(self, hold: keyboards.Hold, keys: bytes) -> None:
        """Press the keys of a person who has the keyboard now, at this attempt."""
        if len(keys) > wire.KEYS_BYTES or not keyboards.may_press(self._machine.db, hold):
            log_event(logger, "keys_refused", agent_id=hold.agent_id)
            return
        try:
            self._machine.tmux.press(session_name(hold.agent_id), keys)
        except HephaestusError as error:
            log_event(logger, "keys_not_pressed", agent_id=hold.agent_id, reason=error.message)

    def _watch(self, agent_id: UUID) -> None:
        until = time.monotonic() + wire.WATCH_SECONDS
        if agent_id in self._tails:
            self._tails[agent_id].until = until
            return
        size = agent_files.size(self._machine.folders.agent(agent_id), PANE_LOG)
        self._tails[agent_id] = _Tail(size or 0, until)
        self._checked_at = 0.0

    def _check(self) -> None:
        """See which agents live, and how big their terminals are."""
        mine = hosting.agents_of(self._machine.db, self._machine.name)
        live = {agent.id for agent in mine if not agent.ended}
        sizes: dict[str, tuple[int, int]] = {}
        with suppress(HephaestusError):  # tmux does not answer
            sizes = self._machine.tmux.sizes()
        for agent_id, tail in self._tails.items():
            tail.ended = agent_id not in live
            tail.size = sizes.get(session_name(agent_id), tail.size)

    def _send(self, agent_id: UUID, tail: _Tail, now: float) -> None:
        chunk = self._next_chunk(agent_id, tail)
        if not (chunk.data or chunk.ended or now - tail.told_at > wire.SIGN_OF_LIFE_SECONDS):
            return
        self._append(agent_id, chunk)
        tail.position, tail.told_at = chunk.end, now
        if chunk.ended:
            del self._tails[agent_id]

    def _next_chunk(self, agent_id: UUID, tail: _Tail) -> wire.Chunk:
        folder = self._machine.folders.agent(agent_id)
        size = agent_files.size(folder, PANE_LOG) or 0
        behind = size - tail.position
        position = size - wire.CHUNK_BYTES if behind > _MOST_BEHIND else tail.position
        data = agent_files.read(folder, PANE_LOG, most=wire.CHUNK_BYTES, start=position) or b""
        data = wire.whole_characters(data)
        return wire.Chunk(position, data, *tail.size, ended=tail.ended and not data)

    def _append(self, agent_id: UUID, chunk: wire.Chunk) -> None:
        key = wire.output_key(agent_id)
        entry: Any = chunk.packed()
        with self._redis.pipeline(transaction=False) as both:
            both.xadd(key, entry, maxlen=wire.STREAM_CHUNKS, approximate=False)
            both.expire(key, wire.STREAM_SECONDS)
            both.execute()
