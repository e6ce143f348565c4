"""The interface between the engine and an agent program, and the values that they exchange.

A new program needs one module with a class that implements :class:`AgentProgram`, and one line in
the registry.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.texts import plain
from hephaestus_core.costs.views import Turn
from hephaestus_worker.terminal.tmux import Tmux

PROMPT = "prompt.md"
"""The prompt's file in the launch's folder."""
RESUME_PROMPT = "resume.md"
"""The file in the launch's folder with the prompt for an agent that resumes a session."""

_LONGEST_REASON = 2000
_SIGNAL_BASE = 128  # A shell reports death by signal N as exit status 128 + N.


@dataclass(frozen=True)
class Launch:
    """One start of an agent.

    Args:
        agent_id: the attempt; its session, mark and folder carry this name.
        folder: the folder for prompt, log, exit status and the program's configuration (0700).
        worktree: the agent's own git worktree.
        working_directory: the folder within ``worktree`` that the program starts in.
        prompt: the whole first message, or with ``resume_session`` the next message.
        mcp_url: the endpoint of the engine's tools.
        token: the attempt's bearer token; it must never appear in an argument list.
        model: the program's name for a model; None lets the program choose.
        resume_session: the program's own id of the session to resume, from ``session_id``.
        environment: the variables that the agent inherits, already filtered.
        readable: what a sandbox lets the agent read beside the system and its own folders.
        writable: what it lets it change beside its worktree and its configuration.
        hidden: folders of which a sandbox shows only what is named.
        logins: the folder for logins that agents in sandboxes share; None: without a sandbox they
            use the person's own.
        judges: it reviews the work of another, which must not steer it. Its worktree lacks what
            the repository tells programs; as far as this one can be told so, what appears there
            later does not count either.
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
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()
    logins: Path | None = None
    judges: bool = False


@dataclass(frozen=True)
class Command:
    """The command that runs the program.

    Args:
        argv: the program and its options, without secrets and without the prompt.
        environment: variables added to the launch's environment; they may hold secrets.
        prompt_prefix: None if the program reads the prompt's file by itself. Otherwise the prompt
            becomes the last argument, after this prefix (``""`` or ``"--prompt="``).
        prompt_file: the file whose text becomes that argument; None means the prompt's own file.
        prompt_as_message: the program takes no prompt at this start. The engine delivers the
            prompt as a message once the program waits for input.
        readable: what the program reads of the person's files; a sandbox shows them.
        writable: what it changes of them, such as a login that it renews.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    prompt_prefix: str | None = None
    prompt_file: Path | None = None
    prompt_as_message: bool = False
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Failure:
    """The reason why an agent stopped early, from its screen, its files and its exit status."""

    class_: FailureClass
    reason: str
    until: datetime | None = None
    """For a used-up quota: the time when it resets, if the program shows one."""
    of_provider: bool = False
    """The program gave up on its model's server; another program may do better."""

    def trouble(self) -> Trouble:
        """Return the record of this failure that the engine keeps."""
        of_program = self.of_provider or self.class_ in {FailureClass.QUOTA, FailureClass.PERMANENT}
        # What an agent makes its program show must be fit for the database.
        reason = plain(self.reason[:_LONGEST_REASON])
        return Trouble(self.class_, reason, self.until, program_failed=of_program)


@dataclass(frozen=True)
class Place:
    """How far a file of an agent has been read."""

    offset: int = 0
    mark: bytes = b""
    """The last bytes before the offset; other ones mean that the file was written anew."""
    note: str = ""
    """What the reader has to know of the part before."""


Places = Mapping[str, Place]
"""By name of a file. Nothing is lost without them: the files are read from their beginning."""


@dataclass(frozen=True)
class Reading:
    """Turns that a program has noted since ``after`` of the reading before, at least."""

    turns: tuple[Turn, ...] = ()
    after: Places = field(default_factory=dict)
    more: bool = False
    """There is more to read at once; one reading is bounded."""


SignKind = Literal[
    "action", "action_failed", "stopped", "asks", "asks_this", "key_refused", "retries"
]


@dataclass(frozen=True)
class Sign:
    """Something that a program itself noted of its agent's work.

    Args:
        kind: ``action``: it begins an action; ``action_failed``: that failed; ``stopped``: its turn
            is over; ``asks``: it waits for a person, its screen shows for what; ``asks_this``: it
            waits for a person, and asks this; ``key_refused``: its model's server refused;
            ``retries``: it may be that it waits to ask its model's server again.
        text: the action, the error or the question, cut off.
        digest: equal for equal actions; "" for others.
    """

    kind: SignKind
    text: str = ""
    digest: str = ""


class Promise(StrEnum):
    """The abilities that the engine expects of every program. Tests check each for each adapter."""

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
    UNSTEERED = "heeds nothing of the repository while it reviews"


class AgentProgram(Protocol):
    """One program that plays agents. Implementations keep all state in the launch's folder."""

    name: str
    cannot: Mapping[Promise, str]
    """The promises that the program cannot keep, each with the reason."""
    interrupt_keys: tuple[str, ...]
    """Keys by their tmux names that end the program's turn, but not the program; none: none do."""

    def ensure_installed(self, environment: Mapping[str, str] | None = None) -> Path:
        """Return the program's path.

        Raises:
            AgentProgramError: the program is not installed; the message says how to install it.
        """
        ...

    def ensure_login(self, environment: Mapping[str, str]) -> None:
        """Return if the person of this host has a login for the program, as far as files tell.

        Raises:
            AgentProgramError: there is none; the message says how to log in.
        """
        ...

    def prepare(self, launch: Launch) -> Command:
        """Write the program's configuration into the folder and return the command that runs it.

        The configuration answers the first-run dialogs and connects the engine's tools.
        """
        ...

    def is_idle(self, screen: str) -> bool | None:
        """Return whether the program waits for input; None if the screen does not show it."""
        ...

    def deliver(self, tmux: Tmux, session: str, text: str, *, folder: Path) -> bool | None:
        """Deliver one message to the program.

        Returns:
            True if the message is known to have arrived whole, False if that is not known. None if
            nothing was sent: the program has ended, or takes no input now or ever.

        Raises:
            NotFound: the session ended meanwhile.
        """
        ...

    def session_id(self, folder: Path) -> str | None:
        """Return the session's id for ``Launch.resume_session``; None if it cannot be resumed."""
        ...

    def turns(self, folder: Path, after: Places) -> Reading:
        """Return the turns noted since an earlier reading; turns of before it may be among them.

        The work is bounded by what is new, whatever an agent has written there.
        """
        ...

    def signs(self, folder: Path, read: dict[str, int]) -> list[Sign]:
        """Return the program's own signs since the last call, oldest first; none where it has none.

        Args:
            read: the bytes that were read of each file; the call brings it up to date.
        """
        ...

    def diagnose(self, screen: str, exit_code: int | None, *, folder: Path) -> Failure | None:
        """Return the failure; None if there is none. ``exit_code`` is None while it runs."""
        ...


def found_on_path(executable: str, *, install: str, environment: Mapping[str, str] | None) -> Path:
    """Return the path of ``executable`` on the agents' PATH.

    Raises:
        AgentProgramError: it is not installed; the message says how to install it.
    """
    path = shutil.which(executable, path=environment.get("PATH") if environment else None)
    if path is None:
        raise AgentProgramError(
            f"The agent program `{executable}` is not installed on this host;"
            f" install it with `{install}` and make sure that it is on the worker's PATH."
        )
    return Path(path)


def is_running(tmux: Tmux, session: str) -> bool:
    """Return whether the session exists and its program still runs."""
    info = tmux.sessions().get(session)
    return info is not None and not info.dead


def failure_of_exit(program: str, exit_code: int | None) -> Failure | None:
    """Classify an exit status: signals are transient, 127 permanent, others the agent's fault."""
    if not exit_code:
        return None
    if exit_code > _SIGNAL_BASE:
        number = exit_code - _SIGNAL_BASE
        return Failure(FailureClass.TRANSIENT, f"{program} was ended by signal {number}.")
    if exit_code == 127:  # noqa: PLR2004 - sh: command not found
        return Failure(FailureClass.PERMANENT, f"{program} could not be found at its start.")
    return Failure(FailureClass.AGENT_FAULT, f"{program} ended with exit status {exit_code}.")
