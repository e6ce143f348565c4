"""Starts of the scripted program by git and tmux alone, to compare ours with."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.surroundings import Stack, git
from hephaestus_worker import scripted_agent

PATIENCE = 60.0
_LOOK_SECONDS = 0.001
_ACKNOWLEDGED = b"[ack] sha256="
_PROGRAM = Path(scripted_agent.__file__).with_name("__main__.py")
_SOCKET = "hephaestus-bench-raw"


def acknowledged(folder: Path) -> bool:
    """Return whether the agent of this folder has read its whole prompt."""
    log = folder / "pane.log"
    return log.exists() and _ACKNOWLEDGED in log.read_bytes()


def wait_acknowledged(folders: Callable[[], Iterable[Path]]) -> Path:
    """Return the first agent's folder with an acknowledgement, soon after it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for folder in folders():
            if acknowledged(folder):
                return folder
        time.sleep(_LOOK_SECONDS)
    raise TimeoutError(f"No agent acknowledged a prompt within {PATIENCE:g} s.")


@dataclass(frozen=True)
class RawGround:
    """A bare repository and a tmux server for raw starts."""

    folder: Path
    bare: Path

    def add_worktree(self, number: int) -> float:
        """Make a worktree; return the seconds that it took."""
        began = time.perf_counter()
        branch, worktree = f"raw{number}", str(self.folder / f"worktree{number}")
        git("worktree", "add", "-q", "-b", branch, worktree, folder=self.bare)
        return time.perf_counter() - began

    def start(self, number: int, prompt: Path) -> float:
        """Start only the program with the prompt; return the seconds that it took."""
        home = self.folder / f"home{number}"
        home.mkdir()
        (home / "prompt.md").write_bytes(prompt.read_bytes())
        worktree = str(self.folder / f"worktree{number}")
        log = home / "pane.log"
        command = f"exec {sys.executable} -I -S {_PROGRAM} --home {home} > {log}"
        began = time.perf_counter()
        self.add_worktree(number)
        _tmux("new-session", "-d", "-s", f"raw-{number}", "-c", worktree, command)
        wait_acknowledged(lambda: [home])
        taken = time.perf_counter() - began
        _tmux("kill-session", "-t", f"=raw-{number}")
        return taken


@contextmanager
def raw_ground(stack: Stack) -> Iterator[RawGround]:
    """Yield a copy of the stack's repository; at the end the tmux server is ended."""
    folder = stack.home.parent / "raw"
    folder.mkdir()
    git("clone", "-q", "--bare", str(stack.repository), str(folder / "bare"), folder=folder)
    _tmux("new-session", "-d", "-s", "kept", "sleep 600")
    try:
        yield RawGround(folder, folder / "bare")
    finally:
        _tmux("kill-server")


def _tmux(*arguments: str) -> None:
    command = ["tmux", "-L", _SOCKET, "-f", "/dev/null", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
