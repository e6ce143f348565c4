"""The ends of screens that somebody has in view in a list, as text with its colours."""

import logging
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import redis

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.logging import log_event
from hephaestus_core.terminals import wire
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal.escapes import last_lines
from hephaestus_worker.terminal.tmux import LOG_BLOCKS

logger = logging.getLogger(__name__)

#: Screens that a host captures; orders for more are left out.
_MOST: Final = 200
#: Size of a full log, which grows no more while its screen may change.
_FULL_LOG: Final = 512 * LOG_BLOCKS

_LogState = tuple[int, float]


@dataclass
class _Watched:
    """A screen in view."""

    until: float
    """When it is forgotten without a further order."""
    log_state: _LogState | None = None
    """Size and time of its log when it was captured; None: it has not been."""
    text: str = ""
    told_at: float = 0.0


class Screens:
    """Captures screens once a second at most, and only those that have changed.

    Args:
        client: of the broker's server.
    """

    def __init__(self, machine: Machine, client: redis.Redis) -> None:
        self._machine = machine
        self._redis = client
        self._watched: dict[UUID, _Watched] = {}
        self._looked_at = 0.0

    def __bool__(self) -> bool:
        """Say whether any is in view."""
        return bool(self._watched)

    def watch(self, agent_id: UUID) -> None:
        """Capture the screen of an agent for a while, which each order makes longer."""
        until = time.monotonic() + wire.WATCH_SECONDS
        if agent_id in self._watched:
            self._watched[agent_id].until = until
        elif len(self._watched) < _MOST:
            self._watched[agent_id] = _Watched(until)

    def look(self, now: float) -> None:
        """Capture what has changed, once a second at most.

        Args:
            now: this host's monotonic clock.

        Raises:
            RedisError: Redis is away.
        """
        if now - self._looked_at < wire.SCREEN_SECONDS:
            return
        self._looked_at = now
        self._watched = {key: each for key, each in self._watched.items() if each.until > now}
        states = {agent_id: self._log_state(agent_id) for agent_id in self._watched}
        changed = [key for key, state in states.items() if _is_new(state, self._watched[key])]
        for agent_id, text in self._captured(changed).items():
            watched = self._watched[agent_id]
            watched.log_state = states[agent_id]
            if text != watched.text:
                watched.text, watched.told_at = text, 0.0
        self._tell(now)

    def _log_state(self, agent_id: UUID) -> _LogState | None:
        folder = self._machine.folders.agent(agent_id)
        size, changed = agent_files.size(folder, PANE_LOG), agent_files.changed(folder, PANE_LOG)
        return None if size is None or changed is None else (size, changed)

    def _captured(self, agent_ids: list[UUID]) -> dict[UUID, str]:
        """Return the ends of screens; those without a session are left out."""
        try:
            there = self._machine.tmux.sizes() if agent_ids else {}
            names = {session_name(key): key for key in agent_ids if session_name(key) in there}
            found = self._machine.tmux.screens(list(names))
        except HephaestusError as error:  # a session ended meanwhile, or tmux does not answer
            log_event(logger, "screens_not_captured", reason=error.message)
            return {}
        return {
            names[name]: last_lines(screen, wire.SCREEN_LINES, wire.SCREEN_CHARACTERS)
            for name, screen in found.items()
        }

    def _tell(self, now: float) -> None:
        """Write what is new, and what would soon be dropped."""
        late = now - wire.STREAM_SECONDS / 2
        due = {key: each for key, each in self._watched.items() if each.told_at < late}
        with self._redis.pipeline(transaction=False) as pipe:
            for agent_id, watched in due.items():
                if watched.log_state is not None:
                    pipe.set(wire.screen_key(agent_id), watched.text, ex=wire.STREAM_SECONDS)
                    watched.told_at = now
            pipe.execute()


def _is_new(state: _LogState | None, watched: _Watched) -> bool:
    """Say whether a screen may differ from the one that was captured."""
    return state is not None and (state != watched.log_state or state[0] >= _FULL_LOG)
