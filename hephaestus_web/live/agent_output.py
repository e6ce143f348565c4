"""The output of an agent's terminal: from its log on this machine, else as shared by its host."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from hephaestus_core.agents import outputs
from hephaestus_core.agents.service import get_agent
from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.contract.home import PANE_LOG, HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.host_names import host_name
from hephaestus_core.terminals.wire import from_a_line, whole_characters
from hephaestus_web.live.event_feed import event_feed
from hephaestus_web.wiring import wiring

#: Seconds between two polls of a waiting reader.
_LOOK_SECONDS: Final = 0.2
#: Seconds for another host's answer to a reader who does not wait.
_PATIENCE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class OutputReader:
    """Reads the output of agents, wherever they run.

    Args:
        pause: waits for that many seconds; False when the process is ending.
    """

    settings: Settings
    database: Database
    pause: Callable[[float], bool]

    def read_end(self, agent: AgentView, *, most: int) -> dict[str, Any]:
        """Return the last ``most`` bytes of the output or less, from the start of a line.

        Raises:
            Conflict: the agent's host is another machine that does not answer.
        """
        folder = HomeLayout(self.settings.home).agent(agent.id)
        size, ended = agent_files.size(folder, PANE_LOG), agent.ended_at is not None
        if size is not None or self._is_here(agent):
            start = max(0, (size or 0) - most)
            part = agent_files.read(folder, PANE_LOG, most=most, start=start) or b""
        else:
            shared = self._answer(agent, 0, outputs.TAIL_BYTES)
            part, ended = shared.data[-most:], shared.complete
            start = shared.start + len(shared.data) - len(part)
        whole = from_a_line(part) if start else part
        return _part(start + len(part) - len(whole), whole, more=False, ended=ended)

    def read(self, agent: AgentView, *, offset: int, limit: int, wait: float) -> dict[str, Any]:
        """Return up to ``limit`` bytes of output from ``offset``, whole characters only.

        Of agents on other machines only the last 256 KiB can be read; ``offset`` of the answer
        is the position of its text.

        Args:
            wait: seconds to wait for output when there is none yet.

        Raises:
            Conflict: the agent's host is another machine that does not answer.
        """
        deadline = time.monotonic() + wait
        folder = HomeLayout(self.settings.home).agent(agent.id)
        here = self._is_here(agent) or agent_files.size(folder, PANE_LOG) is not None
        while True:
            read = partial(_local, folder) if here else self._shared
            part = read(agent, offset, limit)
            if part["text"] or part["complete"] or time.monotonic() >= deadline:
                return part
            if not self.pause(_LOOK_SECONDS):
                return part
            agent = get_agent(self.database, agent.id)  # it may have ended meanwhile

    def _is_here(self, agent: AgentView) -> bool:
        return agent.host == host_name(self.settings)

    def _shared(self, agent: AgentView, offset: int, limit: int) -> dict[str, Any]:
        found = self._answer(agent, offset, limit)
        more = found.size > found.start + len(found.data)
        return _part(found.start, found.data, more=more, ended=found.complete)

    def _answer(self, agent: AgentView, offset: int, limit: int) -> outputs.SharedOutput:
        """Return the host's answer, or the output that it shared earlier if it is away."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        outputs.ask(self.database, agent.id)
        while True:
            found = outputs.read(self.database, agent.id, offset=offset, limit=limit)
            late = time.monotonic() >= deadline
            if found.fresh or found.complete or (late and found.known):
                return found
            if late or not self.pause(_LOOK_SECONDS / 4):
                raise Conflict(
                    f"Host {agent.host} does not send the output of agent {agent.id}; "
                    "list the hosts to see whether it is alive."
                )


def output_reader() -> OutputReader:
    """Return the reader of the application that handles this request."""
    parts = wiring()
    return OutputReader(parts.settings, parts.database, event_feed().pause)


def _local(folder: Path, agent: AgentView, offset: int, limit: int) -> dict[str, Any]:
    found = agent_files.read(folder, PANE_LOG, most=limit + 1, start=offset) or b""
    more = len(found) > limit
    return _part(offset, found[:limit], more=more, ended=agent.ended_at is not None)


def _part(offset: int, data: bytes, *, more: bool, ended: bool) -> dict[str, Any]:
    if more or not ended:
        data = whole_characters(data)
    return {
        "text": data.decode("utf-8", "replace"),
        "offset": offset,
        "next_offset": offset + len(data),
        "complete": ended and not more,
    }
