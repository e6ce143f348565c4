"""A whole local stack for tests: real processes in their own home; none may remain."""

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_sdk import HephaestusSDK, Phase, WorkflowDefinition
from hephaestus_sdk.runtime import ports
from hephaestus_sdk.runtime.home import Home
from hephaestus_worker.terminal.process_tree import MARKER
from tests.made_home import copy_made_home
from tests.waiting import wait_until

HOST = "one"
_IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
DEFINITION = WorkflowDefinition(
    id="faults",
    name="Faults",
    phases=[
        Phase(id=1, name="first", description="Write a file, and have another one written."),
        Phase(id=2, name="second", description="Write the other file."),
    ],
)


@dataclass
class Stack:
    """A running stack, with access through the SDK, its processes and its database."""

    home: Path
    sdk: HephaestusSDK
    repository: Path

    @property
    def recorded(self) -> dict[str, Any]:
        """The supervisor's record of the stack."""
        return Home(self.home).stack()

    def pid(self, name: str) -> int:
        """Return the id of one of its processes; 0 while it does not run."""
        return int(self.recorded["processes"][name]["pid"] or 0)

    def is_back(self, name: str, killed: int) -> bool:
        """Return whether a new, ready process has replaced the killed one."""
        process = self.recorded["processes"][name]
        return process["pid"] not in {None, killed} and bool(process["ready"])

    @cached_property
    def database(self) -> Database:
        """The database, to check the API's answers against."""
        return Database(self.recorded["database_url"], connections=4)

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        with self.database.reading() as session:
            return [dict(row) for row in session.execute(text(query), values).mappings()]

    def one(self, query: str, **values: Any) -> Any:
        """Return the only value of a query's only row."""
        [row] = self.rows(query, **values)
        [value] = row.values()
        return value

    def tmux(self, *arguments: str) -> str:
        """Run a command on the stack's tmux server; return its output, "" if no server runs."""
        return tmux(self.home, *arguments)

    def live_marks(self) -> dict[str, list[psutil.Process]]:
        """Return the processes of this stack's agents, by agent."""
        return agents_in(self.home)

    def log(self, name: str) -> str:
        """Return the log of one of its processes."""
        return Path(self.recorded["log_dir"], f"{name}.log").read_text(errors="replace")


@contextmanager
def running_stack(folder: Path, *, host: str = HOST, **settings: Any) -> Iterator[Stack]:
    """Run a stack with home and repository in ``folder``; check that no process remains."""
    home, repository = folder / "home", make_repository(folder / "repository")
    copy_made_home(home)
    api = ports.choose()
    given = {
        "main_repo_path": str(repository),
        "default_cli_tool": "scripted",
        "host_name": host,
        # The gates at which agents wait; of the stack itself a sandbox shows nothing there.
        "agent_readable": [str(folder.parent)],
        "mcp_port": api,
        "ui_port": ports.choose(taken=[api]),
    }
    sdk = HephaestusSDK(workflow_definitions=[DEFINITION], home=str(home), **given | settings)
    sdk.start(timeout=60)
    stack = Stack(home, sdk, repository)
    try:
        yield stack
    finally:
        stack.database.close()
        sdk.shutdown(timeout=60)
    assert_nothing_left(home)


def make_repository(folder: Path) -> Path:
    """Make a repository with one commit, ``main`` checked out."""
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("A project.\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, *_IDENTITY, "commit", "-q", "-m", "The beginning")
    return folder


def commit_files(repository: Path, files: Mapping[str, str]) -> None:
    """Commit these files in the checked-out branch of a repository."""
    for name, content in files.items():
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(repository, "add", "-A")
    git(repository, *_IDENTITY, "commit", "-q", "-m", "More files")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.rstrip("\n")


def tmux(home: Path, *arguments: str) -> str:
    """Run a command on a home's tmux server; return its output, "" if no server runs."""
    argv = ["tmux", "-L", HomeLayout(home).tmux_socket, *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def tmux_server(home: Path) -> int | None:
    """Return the process id of a home's tmux server; None if none runs."""
    answer = tmux(home, "display-message", "-p", "#{pid}")
    return int(answer) if answer else None


def assert_settled(stack: Stack) -> None:
    """Wait until no rows, sessions, processes or folders of live agents are left."""
    open_agents = "SELECT id, status, ended_at FROM agents WHERE released_at IS NULL"
    wait_until(lambda: not stack.rows(open_agents), timeout=20, what="all agents are released")
    assert stack.rows("SELECT id FROM agents WHERE ended_at IS NULL") == []
    assert not stack.live_marks(), "processes of agents are left"
    assert stack.tmux("list-sessions") == ""
    assert worktrees_in(stack.home) == []


def assert_nothing_left(home: Path) -> None:
    """Check that no process, tmux server or worktree of a stopped stack is left."""
    processes = wait_for_none(home)
    assert processes == [], f"left of the stack in {home}: {processes}"
    assert worktrees_in(home) == []


def worktrees_in(home: Path) -> list[str]:
    """Return the worktrees of a host: its folders, and the entries in its mirrors."""
    folder = home / "host" / "worktrees"
    found = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    return found + [str(path) for path in home.glob("host/mirrors/*.git/worktrees/*")]


def wait_for_none(home: Path) -> list[str]:
    """Give the processes of a home time to end; return those that are left."""
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not processes_of(home), timeout=5, what="all processes are gone")
    return processes_of(home)


def processes_of(home: Path) -> list[str]:
    """Return the live processes of a home: servers, workers, tmux and all processes of agents."""
    mentions = re.compile(
        rb"(?:%s)(?:[\0/]|$)|\0%s\0"
        % (re.escape(os.fsencode(home)), re.escape(HomeLayout(home).tmux_socket.encode()))
    )
    found = []
    for pid, argv, environ in _all_processes():
        if mentions.search(argv) or mentions.search(environ):
            found.append(f"{pid}: {argv.replace(bytes(1), b' ').decode(errors='replace')}")
    agents = agents_in(home)
    return found + [f"{p.pid}: of agent {agent}" for agent, ps in agents.items() for p in ps]


def agents_in(home: Path) -> dict[str, list[psutil.Process]]:
    """Return the live processes with the mark of one of the home's agents, by agent."""
    folder = home / "host" / "agents"
    known = {path.name for path in folder.iterdir()} if folder.exists() else set()
    found: dict[str, list[psutil.Process]] = {}
    for pid, _, environ in _all_processes():
        for variable in environ.split(b"\0"):
            name, _, value = variable.partition(b"=")
            agent = os.fsdecode(value)
            if name == MARKER.encode() and agent in known:
                with contextlib.suppress(psutil.Error):
                    found.setdefault(agent, []).append(psutil.Process(pid))
    return found


def _all_processes() -> Iterator[tuple[int, bytes, bytes]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            argv = (folder / "cmdline").read_bytes()
            if argv and int(folder.name) != os.getpid():
                yield int(folder.name), argv, (folder / "environ").read_bytes()
