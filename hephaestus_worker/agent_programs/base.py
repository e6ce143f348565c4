"""What the engine asks of an agent program, and the plain values that pass between them.

Adding a program means one module with a class that keeps :class:`AgentProgram`'s promises, and
its line in the registry.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.terminal.tmux import Tmux

PROMPT = "prompt.md"
"""In a launch's folder: what the agent is told."""
RESUME_PROMPT = "resume.md"
"""In a launch's folder: what an agent is told that goes on with an earlier session."""

_SIGNAL_BASE = 128  # a shell reports the end by signal N as the status 128 + N


@dataclass(frozen=True)
class Launch:
    """One start of an agent.

    Args:
        agent_id: the attempt; its session, mark and folder carry this name.
        folder: where prompt, log, exit status and the program's configuration are kept (0700).
        worktree: the agent's own git worktree.
        working_directory: the folder within ``worktree`` that the program starts in.
        prompt: the whole first message, or with ``resume_session`` the next one.
        mcp_url: the endpoint of the engine's tools.
        token: the attempt's bearer token; never in an argument list.
        model: the program's name for a model; None leaves it to the program.
        resume_session: the program's own session id to go on with, as ``session_id`` gave it.
        environment: what the agent inherits, already filtered.
    """

    agent_id: str
    folder: Path
    worktree: Path
    working_directory: Path
    prompt: str = field(repr=False)
    mcp_url: str
    token: str = field(repr=False)
    model: str | None = None
    resume_session: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Command:
    """How to run the program.

    Args:
        argv: the program and its options; no secret and no prompt in it.
        environment: added to what the launch brings; may hold secrets.
        prompt_prefix: None when the program reads the prompt's file by itself. Else the prompt is
            added as the last argument after this prefix (``""`` or ``"--prompt="``).
        prompt_file: the file whose text becomes that argument; None means the prompt's own.
        prompt_as_message: the program takes no prompt at this start; it is delivered as a message
            once the program waits for one.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    prompt_prefix: str | None = None
    prompt_file: Path | None = None
    prompt_as_message: bool = False


@dataclass(frozen=True)
class Failure:
    """Why an agent stopped short, as far as its screen, its files and its exit status tell."""

    class_: FailureClass
    reason: str
    until: datetime | None = None
    """For quota: when it is over, where the program says so."""
    of_provider: bool = False
    """The program gave up on the server of its model, which may be better off elsewhere."""

    def trouble(self) -> Trouble:
        """Return what the engine keeps of it."""
        of_program = self.of_provider or self.class_ in {FailureClass.QUOTA, FailureClass.PERMANENT}
        return Trouble(self.class_, self.reason, self.until, program_failed=of_program)


@dataclass(frozen=True)
class Usage:
    """What a whole session has used so far; ``cost`` in US dollars where the program knows it."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0
    model: str | None = None
    cost: float | None = None


class Promise(StrEnum):
    """What the engine counts on with every program; the tests hold each adapter to all of it."""

    STARTS = "starts without any dialog"
    PROMPT = "gets a prompt of 64 KB whole"
    TOOLS = "sees the engine's tools and calls them"
    IDLE_AND_BUSY = "idle and busy are told apart"
    MESSAGE_WHILE_IDLE = "gets a message while idle, whole"
    MESSAGE_WHILE_BUSY = "gets a message while busy, whole"
    STOPS = "stops with no process left"
    RESUMES = "goes on with its conversation after it was killed"
    TOKENS = "tokens are read"
    COST = "cost is read"
    MISSING = "a missing program is known before the start"
    WRONG_MODEL = "a wrong model is recognised"
    REFUSED_KEY = "a refused key is recognised"
    QUOTA = "a used-up quota is recognised"
    OVERLOAD = "an overloaded provider is recognised"


class AgentProgram(Protocol):
    """One program that plays agents. Implementations hold no state: all of it is in the folder."""

    name: str
    cannot: Mapping[Promise, str]
    """The promises that the program cannot keep, each with the reason."""

    def ensure_installed(self, environment: Mapping[str, str] | None = None) -> Path:
        """Return the program's path; AgentProgramError tells how to install it."""
        ...

    def prepare(self, launch: Launch) -> Command:
        """Write the program's configuration into the folder and say how to run it.

        First-run dialogs are answered beforehand and the engine's tools are connected.
        """
        ...

    def is_idle(self, screen: str) -> bool | None:
        """Say whether the program waits for input; None when the screen does not tell."""
        ...

    def deliver(self, tmux: Tmux, session: str, text: str, *, folder: Path) -> bool | None:
        """Give the program one message; True only if it is known to have arrived whole.

        None when it was not given: the program has ended, or takes no input now or ever. NotFound
        when the session goes away meanwhile.
        """
        ...

    def session_id(self, folder: Path) -> str | None:
        """Return what ``Launch.resume_session`` takes to go on with this conversation."""
        ...

    def usage(self, folder: Path) -> Usage | None:
        """Return the tokens used so far; None when nothing has been counted."""
        ...

    def diagnose(self, screen: str, exit_code: int | None, *, folder: Path) -> Failure | None:
        """Say what went wrong; None when nothing did. ``exit_code`` None: still running."""
        ...


def found_on_path(executable: str, *, install: str, environment: Mapping[str, str] | None) -> Path:
    """Return where ``executable`` is, searching the agents' PATH.

    Raises:
        AgentProgramError: it is not there; the message says how to install it.
    """
    path = shutil.which(executable, path=environment.get("PATH") if environment else None)
    if path is None:
        raise AgentProgramError(
            f"The agent program `{executable}` is not installed on this host;"
            f" install it with `{install}` and see that it is on the worker's PATH."
        )
    return Path(path)


def is_running(tmux: Tmux, session: str) -> bool:
    """Say whether the session is there and its program has not ended."""
    info = tmux.sessions().get(session)
    return info is not None and not info.dead


def failure_of_exit(program: str, exit_code: int | None) -> Failure | None:
    """Judge an exit status alone: signals are transient, other failures the agent's own."""
    if not exit_code:
        return None
    if exit_code > _SIGNAL_BASE:
        number = exit_code - _SIGNAL_BASE
        return Failure(FailureClass.TRANSIENT, f"{program} was ended by signal {number}.")
    if exit_code == 127:  # noqa: PLR2004 - sh: command not found
        return Failure(FailureClass.PERMANENT, f"{program} could not be found at its start.")
    return Failure(FailureClass.AGENT_FAULT, f"{program} ended with exit status {exit_code}.")
