"""The sign that OpenCode may wait to ask its model's server again: it notes that nowhere.

It only draws it, and its terminal's log has what it draws. An agent can print the same words, so
the sign says no more than that a look at the screen is due.
"""

from pathlib import Path
from typing import Final

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agent_programs.signs import MOST_BYTES, sign

_DRAWN: Final = b"[retrying"


def retries(folder: Path, read: dict[str, int]) -> list[Sign]:
    """Return a sign if the log of the agent's terminal has the words since the last call.

    Args:
        read: the bytes read of the log, brought up to date.
    """
    size = agent_files.size(folder, PANE_LOG) or 0
    start = read.get(PANE_LOG, 0)
    read[PANE_LOG] = size
    if size <= start:
        return []
    # The words may have been written in two parts.
    start = max(0, start - len(_DRAWN), size - MOST_BYTES)
    drawn = agent_files.read(folder, PANE_LOG, most=size - start, start=start) or b""
    return [sign("retries", "[retrying")] if _DRAWN in drawn else []
