"""Where a scene is played: a real program, a model server of its own, a repository, looks."""

import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from hephaestus_core.contract.home import session_name
from hephaestus_worker.agent_programs.base import AgentProgram, Command, Launch
from hephaestus_worker.agents import launcher
from hephaestus_worker.terminal import enclosures
from hephaestus_worker.terminal.environment import base_environment
from hephaestus_worker.terminal.process_tree import end_tree
from hephaestus_worker.terminal.tmux import Tmux
from tests.integration.agents.conformance.cases import ModelCase, Run
from tests.model_server import Fault, ModelServer, Request, Text, ToolUse
from tests.model_server.scripts import Scripted

LONGEST_TOOL = 200
_START_SECONDS = 120

Alter = Callable[[Command, Launch], Command]
Script = Callable[[int], "Move"]


@dataclass(frozen=True)
class Hold:
    """The model's server answers nothing for so long."""

    seconds: float


Move = Run | ToolUse | Fault | Hold | str


@dataclass(frozen=True)
class Scene:
    """One scene: the model's moves by turn, and when the agent is looked at.

    Args:
        moves: returns the model's move at a turn, counted from 0.
        asks_model: the program gets as far as its first question to the model.
        first, every: seconds from that question or the start to the first look, and between looks.
        pause: seconds that the model takes for each answer.
        alter: changes the command and configuration with which the program starts.
        environment: variables beside those of the case.
        retries: the program may try again by itself.
        kill_at: the number of the look before which the program is killed.
        freeze_at: the number of the look after which it is stopped with SIGSTOP.
    """

    name: str
    label: str
    why: str
    moves: Script
    programs: tuple[str, ...] = ("claude", "codex", "opencode", "droid")
    looks: int = 4
    asks_model: bool = True
    first: float = 6
    every: float = 8
    pause: float = 1.2
    prompt: str = "Make the importer accept files with a byte order mark."
    alter: Alter | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    retries: bool = False
    kill_at: int | None = None
    freeze_at: int | None = None


class Altered:
    """A program whose command is changed before it starts."""

    def __init__(self, program: AgentProgram, alter: Alter) -> None:
        self._program, self._alter = program, alter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._program, name)

    def prepare(self, launch: Launch) -> Command:
        return self._alter(self._program.prepare(launch), launch)


class Stage:
    """Plays one scene once."""

    def __init__(self, scene: Scene, case: ModelCase, folder: Path, tmux: Tmux) -> None:
        self.scene, self._case, self._tmux = scene, case, tmux
        self._folder = folder
        self._calls: list[ToolUse] = []
        self._asked = threading.Event()
        self._over = threading.Event()

    def play(self) -> list[dict[str, Any]]:
        """Return the looks, each with its screen's text."""
        with ModelServer(self._answer) as model:
            launch = self._launch(model)
            program: Any = self._case.program
            if self.scene.alter:
                program = Altered(program, self.scene.alter)
            try:
                launcher.start(launch, program, self._tmux, enclosures.probed())
                return self._looks(launch)
            finally:
                self._over.set()
                end_tree(launch.agent_id, grace=0.0)

    def _answer(self, request: Request) -> Scripted:
        self._asked.set()
        self._over.wait(self.scene.pause)
        move = self.scene.moves(request.turn)
        if isinstance(move, Hold):
            self._over.wait(move.seconds)
            return "Over."
        if isinstance(move, Fault):
            return move
        if isinstance(move, str):
            return Text(move)
        call = self._case.tools(move) if isinstance(move, Run) else move
        self._calls.append(call)
        return call

    def _launch(self, model: ModelServer) -> Launch:
        home = self._folder / "home"
        worktree = self._folder / "importer"
        home.mkdir(parents=True)
        worktree.mkdir()
        _repository(worktree)
        environment = {**self._case.environment(model, home), **self.scene.environment}
        if self.scene.retries:
            _allow_retries(home, environment)
        return Launch(
            agent_id=str(uuid.uuid4()),
            folder=self._folder / "agent",
            worktree=worktree,
            working_directory=worktree,
            prompt=self.scene.prompt,
            mcp_url="http://127.0.0.1:1/mcp",
            token="no-engine",
            model=self._case.model,
            environment={**base_environment(), **environment},
        )

    def _looks(self, launch: Launch) -> list[dict[str, Any]]:
        if self.scene.asks_model:
            self._asked.wait(_START_SECONDS)
        time.sleep(self.scene.first)
        began = time.monotonic()
        found = []
        for number in range(self.scene.looks):
            if number:
                time.sleep(max(0.0, began + number * self.scene.every - time.monotonic()))
            if number == self.scene.kill_at:
                self._signal(launch, signal.SIGKILL)
                time.sleep(1)
            found.append(self._look(launch, round(time.monotonic() - began)))
            if number == self.scene.freeze_at:
                self._signal(launch, signal.SIGSTOP)
        return found

    def _signal(self, launch: Launch, number: signal.Signals) -> None:

        pane = self._tmux.sessions()[session_name(launch.agent_id)].pane_pid
        for process in reversed(psutil.Process(pane).children(recursive=True)):
            os.kill(process.pid, number)

    def _look(self, launch: Launch, at: int) -> dict[str, Any]:
        session = session_name(launch.agent_id)
        info = self._tmux.sessions().get(session)
        usage = self._case.program.usage(launch.folder)
        last = self._calls[-1] if self._calls else None
        return {
            "at": at,
            "screen": self._tmux.capture(session, 0) if info else "",
            "process": "yes" if info and not info.dead else "no",
            "tool_calls": len(self._calls),
            "last_tool": f"{last.name}: {_words(last)}"[:LONGEST_TOOL] if last else None,
            "changed_files": len(_git(launch.worktree, "status", "--porcelain").splitlines()),
            "commits": int(_git(launch.worktree, "rev-list", "--count", "HEAD")) - 1,
            "input_tokens": usage.input_tokens if usage else None,
            "output_tokens": usage.output_tokens if usage else None,
            "reported": False,
        }


def _words(call: ToolUse) -> str:
    return str(call.input.get("command") or call.input.get("cmd") or dict(call.input))


def _allow_retries(home: Path, environment: dict[str, str]) -> None:
    environment["CLAUDE_CODE_MAX_RETRIES"] = ""
    config = home / ".codex" / "config.toml"
    if config.exists():
        kept = [line for line in config.read_text().splitlines() if "_max_retries" not in line]
        config.write_text("\n".join(kept) + "\n")


_FILES = {
    "importer.py": "def rows(path):\n    with open(path) as lines:\n        return list(lines)\n",
    "test_importer.py": "from importer import rows\n\n\ndef test_mark():\n    assert rows\n",
}


def _repository(folder: Path) -> None:
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "Begin")


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *arguments], capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout.strip()
