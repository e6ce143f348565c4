"""The terminals of this machine's agents."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from hephaestus_core.contract.home import HomeLayout

_SECONDS: Final = 10.0


def attaching(home: Path, session: str) -> list[str]:
    """Return the command that joins the session of an agent; left with Ctrl-B D."""
    return [*_tmux(home), "attach", "-t", f"={session}"]


def is_here(home: Path, session: str) -> bool:
    """Say whether the session of an agent runs on this machine."""
    if shutil.which("tmux") is None:
        return False
    asked = subprocess.run(
        [*_tmux(home), "has-session", "-t", f"={session}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    return asked.returncode == 0


def _tmux(home: Path) -> list[str]:
    return ["tmux", "-L", HomeLayout(home).tmux_socket]
