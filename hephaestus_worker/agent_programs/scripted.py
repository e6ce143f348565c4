"""The ``scripted`` program: plays an agent from a YAML script. It is no AI."""

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping
from compileall import compile_dir
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

import hephaestus_worker.scripted_agent
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.costs.views import TOKENS, Tokens, Turn
from hephaestus_worker.agent_programs.base import (
    Command,
    Failure,
    Launch,
    Places,
    Promise,
    Reading,
    Sign,
    failure_of_exit,
    is_running,
)
from hephaestus_worker.agent_programs.following import follow
from hephaestus_worker.agent_programs.records import count, text
from hephaestus_worker.agent_programs.signs import (
    LONGEST_QUESTION,
    action,
    entry_of,
    new_lines,
    sign,
)
from hephaestus_worker.terminal.private_files import write_private
from hephaestus_worker.terminal.tmux import Tmux, plain_text

_START = Path(hephaestus_worker.scripted_agent.__file__).with_name("__main__.py")
#: PyYAML's folder is that of the installed packages.
_PACKAGES = str(Path(yaml.__file__).parents[1])
_POLL_SECONDS = 0.02
_SETTINGS = "scripted.json"
_SIGNS = "signs.jsonl"
#: Most bytes of output in which the acknowledgement of a message is looked for.
_MOST_OUTPUT = 16 * 2**20
_USED = PurePosixPath("usage.jsonl")
_EXIT_ATTEMPT_OVER = 3
_EXIT_ENGINE_AWAY = 4
_MARKS = ("[ack]", "[step]", "[say]", "[tool]", "[received]", "[message]", "[working]", "[waiting]")

#: Python, its packages, and this one.
_READABLE = (
    *(Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]),
    *(_START.parents[1], _START.parents[2] / "hephaestus_core"),
)


class ScriptedProgram:
    """Adapter of the scripted agent; see :mod:`hephaestus_worker.scripted_agent`."""

    name = "scripted"
    interrupt_keys: tuple[str, ...] = ("Escape",)
    cannot: Mapping[Promise, str] = dict.fromkeys(
        (
            Promise.COST,
            Promise.MISSING,
            Promise.WRONG_MODEL,
            Promise.REFUSED_KEY,
            Promise.QUOTA,
            Promise.OVERLOAD,
        ),
        "it comes with Hephaestus and asks no model",
    )

    def __init__(self, *, delivery_seconds: float = 5.0) -> None:
        """Set the longest wait, in seconds, for the acknowledgement of a message."""
        self._delivery_seconds = delivery_seconds

    def ensure_installed(
        self,
        environment: Mapping[str, str] | None = None,  # noqa: ARG002 - it needs none
    ) -> Path:
        """Return the path of this Python, which runs the scripted agent of this package."""
        _compile()
        return Path(sys.executable)

    def ensure_login(self, environment: Mapping[str, str]) -> None:
        """It needs none."""

    def prepare(self, launch: Launch) -> Command:
        settings = {
            "mcp_url": launch.mcp_url,
            "token": launch.token,
            "worktree": str(launch.working_directory),
            "packages": _PACKAGES,
        }
        write_private(launch.folder / _SETTINGS, json.dumps(settings))
        resume = ("--resume",) if launch.resume_session else ()
        # -I keeps the agent's environment and worktree out of the imports; -S spares the search for
        # installed packages.
        argv = (sys.executable, "-I", "-S", str(_START), "--home", str(launch.folder), *resume)
        return Command(argv=argv, readable=_READABLE)

    def is_idle(self, screen: str) -> bool | None:
        for line in reversed(screen.splitlines()):
            if line.startswith("[idle]"):
                return True
            if line.startswith(_MARKS):
                return False
        return None

    def deliver(self, tmux: Tmux, session: str, text: str, *, folder: Path) -> bool | None:
        """Paste the message and wait until the program prints the message's hash.

        A message that a worker had pasted before it was killed is not pasted once more.
        """
        if not is_running(tmux, session):
            return None
        digest = hashlib.sha256(plain_text(text).encode()).hexdigest()
        mark = f"[message] sha256={digest}".encode()
        start = agent_files.size(folder, PANE_LOG) or 0
        if _holds(folder, 0, mark):
            return True
        tmux.paste(session, text)
        return _appears(folder, start, mark, seconds=self._delivery_seconds)

    def session_id(self, folder: Path) -> str | None:
        return None if agent_files.size(folder, _SETTINGS) is None else folder.name

    def turns(self, folder: Path, after: Places) -> Reading:
        """Return the turns that the script invented in its ``usage`` steps."""
        return follow(folder, [_USED], after, _turns)

    def signs(self, folder: Path, read: dict[str, int]) -> list[Sign]:
        lines = map(entry_of, new_lines(folder, _SIGNS, read))
        return [_sign(line) for line in lines if line]

    def diagnose(
        self,
        screen: str,  # noqa: ARG002 - the exit status suffices
        exit_code: int | None,
        *,
        folder: Path,  # noqa: ARG002
    ) -> Failure | None:
        if exit_code == _EXIT_ATTEMPT_OVER:
            return Failure(FailureClass.TRANSIENT, "The attempt was over for the engine.")
        if exit_code == _EXIT_ENGINE_AWAY:
            return Failure(FailureClass.TRANSIENT, "The engine could not be reached for a minute.")
        return failure_of_exit("The scripted agent", exit_code)


def _sign(line: dict[str, Any]) -> Sign:
    if refused := text(line, "refused"):
        return sign("key_refused", refused)
    if asks := text(line, "asks"):
        return sign("asks_this", asks, most=LONGEST_QUESTION)
    if failed := text(line, "failed"):
        return sign("action_failed", f"{failed}: {text(line, 'error')}")
    return action(text(line, "step"), line.get("value"))


@cache
def _compile() -> None:
    """Keep the scripted agent's bytecode: the agents cannot, so each would compile it anew.

    Where this user may not write either, agents start all the same.
    """
    compile_dir(_START.parent, quiet=2)


def _turns(
    entries: Iterator[dict[str, Any]], _: agent_files.Name, note: str
) -> tuple[list[Turn], str]:
    found = [
        Turn(
            text(entry, "id"),
            Tokens(*(count(entry, name) for name in TOKENS)),
            text(entry, "model") or None,
        )
        for entry in entries
    ]
    return found, note


def _appears(folder: Path, start: int, mark: bytes, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _holds(folder, start, mark):
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _holds(folder: Path, start: int, mark: bytes) -> bool:
    return mark in (agent_files.read(folder, PANE_LOG, most=_MOST_OUTPUT, start=start) or b"")
