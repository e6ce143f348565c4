"""What an agent's terminal showed, read from the log that its host keeps."""

from typing import Any

from hephaestus_core.agents.views import AgentView
from hephaestus_core.config import Settings
from hephaestus_core.errors import Conflict

#: Most bytes of one character in UTF-8, less the first.
_CONTINUATION_BYTES = 3


def read_output(settings: Settings, agent: AgentView, *, offset: int, limit: int) -> dict[str, Any]:
    """Return up to ``limit`` bytes of output from ``offset``, whole characters only.

    Raises:
        Conflict: the agent's host is another machine, and this one does not have its log.
    """
    log = settings.home / "host" / "agents" / str(agent.id) / "pane.log"
    try:
        with log.open("rb") as file:
            file.seek(offset)
            data = file.read(limit)
            more = bool(file.read(1))
    except FileNotFoundError:
        if agent.host != settings.host_name:
            raise Conflict(
                f"The output of agent {agent.id} is on host {agent.host}; read it there."
            ) from None
        data, more = b"", False
    ended = agent.ended_at is not None
    if more or not ended:
        data = _whole_characters(data)
    return {
        "text": data.decode("utf-8", "replace"),
        "next_offset": offset + len(data),
        "complete": ended and not more,
    }


def _whole_characters(data: bytes) -> bytes:
    """Leave out a character at the end whose last bytes are still to come."""
    for back in range(1, min(_CONTINUATION_BYTES, len(data)) + 1):
        lead = data[-back]
        if lead & 0xC0 == 0x80:  # noqa: PLR2004 - a continuation byte
            continue
        length = 4 if lead >= 0xF0 else 3 if lead >= 0xE0 else 2 if lead >= 0xC0 else 1  # noqa: PLR2004
        return data[:-back] if length > back and len(data) > back else data
    return data
