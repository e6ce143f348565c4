"""The ends of screens in lists: each client gets those of the rows that it has in view.

A client says which agents these are; once a second at most it gets what has changed of them, as
HTML. One thread orders the screens from their hosts while somebody has them in view, and reads them
from Redis. A client that leaves is forgotten, and then the hosts capture nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import redis
from redis.exceptions import RedisError

from hephaestus_core.terminals import wire
from hephaestus_web.live.screen_html import as_html

_log = logging.getLogger(__name__)

#: Sends a client the screens that have changed: its id, and HTML by the ids of the agents.
Sender = Callable[[str, dict[str, str]], None]


class _View:
    """What one client has in view."""

    def __init__(self) -> None:
        self.hosts: Mapping[UUID, str] = {}
        self.sent: dict[UUID, bytes] = {}


class Screens:
    """The screens that clients of this process have in view.

    Args:
        client: of the broker's server; None where none is configured, then nothing is shown.
    """

    def __init__(self, client: redis.Redis | None) -> None:
        self._redis = client
        self._changed = threading.Condition()
        self._views: dict[str, _View] = {}
        self._ordered_at = 0.0
        self._closed = False
        self._send: Sender = lambda _sid, _screens: None

    def start(self, send: Sender) -> None:
        """Start the thread that reads the screens."""
        self._send = send
        if self._redis is not None:
            threading.Thread(target=self._follow, name="screens", daemon=True).start()

    def close(self) -> None:
        """End the thread. Safe to call from a signal handler, and twice."""
        self._closed = True
        # In a thread: the interrupted one may hold the lock.
        threading.Thread(target=self._wake, daemon=True).start()

    def watch(self, sid: str, hosts: Mapping[UUID, str]) -> None:
        """Send a client the screens of these agents, and of no others.

        Args:
            sid: the client's id.
            hosts: the host of each agent.
        """
        with self._changed:
            view = self._views.setdefault(sid, _View())
            if hosts.keys() - view.hosts.keys():
                self._ordered_at = 0.0
            view.hosts = hosts
            view.sent = {key: text for key, text in view.sent.items() if key in hosts}
            if not hosts:
                del self._views[sid]
            self._changed.notify_all()

    def leave(self, sid: str) -> None:
        """Forget a client."""
        with self._changed:
            self._views.pop(sid, None)

    def _follow(self) -> None:
        while not self._closed:
            try:
                with self._changed:
                    self._changed.wait_for(lambda: self._views or self._closed)
                self._look()
            except RedisError as error:
                _log.warning("screens are not live: %s", str(error).splitlines()[0])
            except Exception:  # the thread goes on, for the other clients
                _log.exception("screens failed")
            with self._changed:
                self._changed.wait_for(lambda: self._closed, timeout=wire.SCREEN_SECONDS)

    def _look(self) -> None:
        """Order what is in view now and then, and send what has changed."""
        assert self._redis is not None
        with self._changed:
            hosts = {key: host for view in self._views.values() for key, host in view.hosts.items()}
            # Under the same lock: what comes into view after it is ordered by the next look.
            due = time.monotonic() - self._ordered_at >= wire.RENEWAL_SECONDS
            if due:
                self._ordered_at = time.monotonic()
        if not hosts:
            return
        if due:
            _order(self._redis, hosts)
        texts: Any = self._redis.mget([wire.screen_key(agent_id) for agent_id in hosts])
        found = {key: text for key, text in zip(hosts, texts, strict=True) if text is not None}
        shown: dict[bytes, str] = {}
        for sid, texts in self._news(found).items():
            for text in texts.values():
                shown[text] = shown.get(text) or _html(text)
            self._send(sid, {str(key): shown[text] for key, text in texts.items()})

    def _news(self, found: Mapping[UUID, bytes]) -> dict[str, dict[UUID, bytes]]:
        """Return what each client has not been sent yet, and note it as sent."""
        news = {}
        with self._changed:
            for sid, view in self._views.items():
                fresh = {
                    key: found[key]
                    for key in view.hosts
                    if key in found and found[key] != view.sent.get(key)
                }
                view.sent.update(fresh)
                if fresh:
                    news[sid] = fresh
        return news

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _order(client: redis.Redis, hosts: Mapping[UUID, str]) -> None:
    with client.pipeline(transaction=False) as orders:
        for agent_id, host in hosts.items():
            order: Any = {"agent": str(agent_id), "screen": 1}
            orders.xadd(wire.orders_key(host), order, maxlen=wire.STREAM_ORDERS)
        for host in set(hosts.values()):
            orders.expire(wire.orders_key(host), wire.STREAM_SECONDS)
        orders.execute()


def _html(text: bytes) -> str:
    """Return a screen as HTML; whoever can write to Redis may have written it."""
    return str(as_html(text.decode("utf-8", "replace")[-wire.SCREEN_CHARACTERS :]))
