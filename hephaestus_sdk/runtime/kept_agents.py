"""Agents that run on without a stack."""

import subprocess
from pathlib import Path

from hephaestus_core.contract.home import HomeLayout, agent_of_session

_SECONDS = 10.0


def found(home: Path) -> list[str]:
    """Return the ids of the home's agents that have a session; none where tmux says nothing."""
    argv = ["tmux", "-L", HomeLayout(home).tmux_socket, "list-sessions", "-F", "#{session_name}"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [agent for name in done.stdout.splitlines() if (agent := agent_of_session(name))]
