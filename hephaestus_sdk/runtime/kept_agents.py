"""Agents that run on without a stack."""

import subprocess
from pathlib import Path

from hephaestus_core.settings.config import tmux_socket

_PREFIX = "agent-"
_SECONDS = 10.0


def found(home: Path) -> list[str]:
    """Return the ids of the home's agents that have a session; none where tmux says nothing."""
    argv = ["tmux", "-L", tmux_socket(home), "list-sessions", "-F", "#{session_name}"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return []
    names = done.stdout.splitlines()
    return [name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)]
