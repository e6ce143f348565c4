"""tmux on a private server: one session per agent, driven by argument lists only.

Sessions stay after their program has ended (``remain-on-exit``), so that the last screen can
still be read and the log loses nothing; :meth:`Tmux.kill_session` removes them.
"""

import re
import subprocess
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from shlex import quote

from hephaestus_core.contract.errors import AgentProgramError, Conflict, NotFound, Unavailable
from hephaestus_core.terminals.wire import COLUMNS, ROWS
from hephaestus_worker.terminal.environment import base_environment

INSTALL_TMUX = (
    "tmux was not found on PATH; install it with `apt install tmux` or `brew install tmux`"
)

LOG_BLOCKS = 524_288
"""Limit of a session's log, in blocks of 512 bytes: an agent that floods its terminal must not fill
the disk. Its screen can still be seen."""

MOST_SCREENS = 40
"""Screens in one call: tmux takes no command that is longer than 16 KiB."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NO_SERVER = (
    *("no server running", "error connecting to", "server exited", "lost server"),
    "no current target",  # a server that has no session yet, or none any more
)
_POLL_SECONDS = 0.02
_START_TRIES = 5
# Set before each session: a new server has tmux's defaults.
_SERVER_OPTIONS = (
    ("remain-on-exit", "on"),
    ("history-limit", "10000"),
    ("default-terminal", "screen-256color"),
    ("status", "off"),
    ("mouse", "on"),
    ("escape-time", "0"),
)
_LOG_OPTION = "@hephaestus-log"
_SESSION_FIELDS = (
    "#{pane_pid} #{pane_dead} #{session_created} #{session_attached} #{session_name}"
    f" #{{{_LOG_OPTION}}}"
)

_SIZE_FIELDS = "#{pane_width} #{pane_height} #{session_name}"


class TmuxFailed(AgentProgramError):
    """tmux is missing or refuses a command: a fault of this host, not of an agent program."""


class TmuxSilent(Unavailable):
    """tmux does not answer, or its server does not start."""


class SessionExists(Conflict):
    """There is a session of that name already."""


class _ServerGone(Exception):
    """No tmux server answers on the socket."""


@dataclass(frozen=True)
class SessionInfo:
    """One session as tmux reports it; ``dead`` means that its program has ended."""

    pane_pid: int
    dead: bool
    created: datetime
    attached: int
    log: Path | None = None


def plain_text(text: str) -> str:
    r"""Return ``text`` without control characters other than newline and tab.

    What is left cannot end a bracketed paste, press a key or move a cursor.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in unified if c in "\n\t" or unicodedata.category(c) != "Cc")


class Tmux:
    """The tmux server named ``socket_name``; it is started by the first session.

    Every call raises TmuxFailed when tmux is missing or refuses, and TmuxSilent when it does not
    answer within ``timeout`` seconds.
    """

    def __init__(self, socket_name: str, *, timeout: float = 10.0) -> None:
        self.socket_name = _checked(socket_name)
        self._timeout = timeout

    def new_session(
        self,
        name: str,
        *,
        command: Sequence[str],
        cwd: Path,
        log: Path | None = None,
        size: tuple[int, int] = (COLUMNS, ROWS),
    ) -> None:
        """Start ``command`` in a session of its own, its output logged from the first byte.

        Raises:
            SessionExists: a session of that name is there, running or dead.
        """
        argv = [part for option, value in _SERVER_OPTIONS for part in _set_option(option, value)]
        argv += [
            "new-session",
            "-d",
            "-s",
            _checked(name),
            "-c",
            _no_separator(_no_format(str(cwd))),
        ]
        argv += ["-x", str(size[0]), "-y", str(size[1]), "--", *map(_no_separator, command)]
        if log is not None:
            # One call with new-session: no output is lost in between.
            argv += [";", *_pipe_pane(name, log)]
            argv += [";", "set-option", "-t", _target(name), _LOG_OPTION, _no_separator(str(log))]
        self._run_starting_server(argv, name)

    def sessions(self) -> dict[str, SessionInfo]:
        """Return all sessions by name; empty when no server runs."""
        try:
            lines = self._run(["list-panes", "-a", "-F", _SESSION_FIELDS]).splitlines()
        except _ServerGone:
            return {}
        found: dict[str, SessionInfo] = {}
        for line in lines:
            pid, dead, created, attached, name, log = line.split(" ", 5)
            # A person may have split the window; the first pane is the agent's.
            found.setdefault(
                name,
                SessionInfo(
                    pane_pid=int(pid),
                    dead=dead == "1",
                    created=datetime.fromtimestamp(int(created), UTC),
                    attached=int(attached),
                    log=Path(log) if log else None,
                ),
            )
        return found

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return the columns and rows of all sessions by name; empty when no server runs."""
        try:
            lines = self._run(["list-panes", "-a", "-F", _SIZE_FIELDS]).splitlines()
        except _ServerGone:
            return {}
        found: dict[str, tuple[int, int]] = {}
        for line in lines:
            columns, rows, name = line.split(" ", 2)
            found.setdefault(name, (int(columns), int(rows)))
        return found

    def capture(self, name: str, lines: int = 200, *, colours: bool = False) -> str:
        """Return the screen with up to ``lines`` lines of history above it.

        Args:
            colours: with the escape sequences of its colours, which go on from line to line.
        """
        start = ["-S", str(-lines)] if lines else []
        options = ["-p", *(["-e"] if colours else [])]
        return self._on_session(name, ["capture-pane", *options, "-t", _target(name), *start])

    def screens(self, names: Sequence[str], lines: int = 0) -> dict[str, str]:
        """Return the screens of these sessions with their colours, by one call of tmux.

        Args:
            names: at most :data:`MOST_SCREENS`.
            lines: of the history above each, at most.

        Raises:
            NotFound: one of the sessions is not there.
        """
        if not names:
            return {}
        # What stands between two screens is new each time, so that no agent can write it.
        mark = token_hex(12)
        start = ["-S", str(-lines)] if lines else []
        argv: list[str] = []
        for name in names:
            target = ["-t", _target(name)]
            argv += ["display-message", "-p", *target, f"{mark}{name}", ";"]
            argv += ["capture-pane", "-p", "-e", *target, *start, ";"]
        told = self._on_session(names[0], argv[:-1]).split(mark)[1:]
        parts = (part.partition("\n") for part in told)
        return {name: screen for name, _, screen in parts}

    def paste(
        self,
        name: str,
        text: str,
        *,
        enter: bool = True,
        shown: Callable[[str], bool] | None = None,
        timeout: float = 3.0,
    ) -> bool:
        """Put ``text`` into the program as one plain paste, then press Enter as its own call.

        With ``shown``, Enter waits until it holds for the screen, for at most ``timeout`` seconds,
        and is pressed in either case. Returns whether it held.
        """
        buffer = f"paste-{name}-{time.monotonic_ns()}"
        argv = ["load-buffer", "-b", buffer, "-", ";", *_leave_copy_mode(name), ";"]
        argv += ["paste-buffer", "-p", "-d", "-b", buffer, "-t", _target(name)]
        self._on_session(name, argv, text=plain_text(text))
        seen = shown is None or self.wait_for(name, shown, timeout=timeout)
        if enter:
            self.send_keys(name, "Enter")
        return seen

    def wait_for(self, name: str, condition: Callable[[str], bool], *, timeout: float) -> bool:
        """Wait until ``condition`` holds for the screen; False after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while not condition(self.capture(name, 0)):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def send_keys(self, name: str, *keys: str) -> None:
        """Press keys by their tmux names (Enter, Escape, C-c); text goes through paste."""
        argv = [*_leave_copy_mode(name), ";", "send-keys", "-t", _target(name), "--"]
        self._on_session(name, argv + [_no_separator(key) for key in keys])

    def press(self, name: str, typed: bytes) -> None:
        """Give the program these bytes as if they were typed."""
        argv = [*_leave_copy_mode(name), ";", "send-keys", "-t", _target(name), "-H"]
        self._on_session(name, argv + [f"{byte:02x}" for byte in typed])

    def kill_session(self, name: str) -> None:
        """Remove the session; no error when it or the server is gone."""
        try:
            self._on_session(name, ["kill-session", "-t", f"={_checked(name)}"])
        except NotFound:
            return

    def kill_server(self) -> None:
        """End the server with all sessions; no error when none runs."""
        try:
            self._run(["kill-server"])
        except _ServerGone:
            return

    def _run_starting_server(self, argv: list[str], name: str) -> None:
        reason = ""
        for _ in range(_START_TRIES):
            try:
                self._run(argv)
            except _ServerGone as error:
                reason = str(error)  # the old server was just ending with its last session
                time.sleep(_POLL_SECONDS)
                continue
            except TmuxFailed as error:
                if "duplicate session" in error.message:
                    raise SessionExists(f"The tmux session {name} is there already.") from error
                raise
            return
        raise TmuxSilent(f"tmux could not start its server {self.socket_name}: {reason}")

    def _on_session(self, name: str, argv: list[str], *, text: str | None = None) -> str:
        gone = f"The tmux session {name} is not there; its agent has been stopped."
        try:
            return self._run(argv, text=text)
        except _ServerGone as error:
            raise NotFound(gone) from error
        except TmuxFailed as error:
            if "can't find" in error.message:
                raise NotFound(gone) from error
            raise

    def _run(self, argv: list[str], *, text: str | None = None) -> str:
        command = ["tmux", "-u", "-L", self.socket_name, "-f", "/dev/null", *argv]
        try:
            done = subprocess.run(
                command,
                input=(text or "").encode(),
                capture_output=True,
                timeout=self._timeout,
                env=base_environment(),
                check=False,
            )
        except FileNotFoundError as error:
            raise TmuxFailed(INSTALL_TMUX) from error
        except subprocess.TimeoutExpired as error:
            raise TmuxSilent(f"tmux did not answer within {self._timeout:g} s.") from error
        if done.returncode == 0:
            return done.stdout.decode(errors="replace")
        reason = done.stderr.decode(errors="replace").strip()
        if any(sign in reason for sign in _NO_SERVER):
            raise _ServerGone(reason)
        raise TmuxFailed(f"tmux refused `{argv[0]}`: {reason or 'no reason given'}")


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise AgentProgramError(
            f"{name!r} cannot name a tmux session; use letters, digits, hyphen and underscore."
        )
    return name


def _target(name: str) -> str:
    return f"={_checked(name)}:"


def _set_option(option: str, value: str) -> list[str]:
    return ["set-option", "-g", option, value, ";"]


def _leave_copy_mode(name: str) -> list[str]:
    # In copy mode, where a person scrolls, the pane would swallow the keys.
    return ["copy-mode", "-q", "-t", _target(name)]


def _pipe_pane(name: str, log: Path) -> list[str]:
    # tmux expands its own formats and strftime's before it hands this to sh.
    write = f"ulimit -f {LOG_BLOCKS}; exec cat >> {quote(str(log))}"
    command = _no_format(write).replace("%", "%%")
    return ["pipe-pane", "-t", _target(name), _no_separator(command)]


def _no_format(text: str) -> str:
    return text.replace("#", "##")


def _no_separator(argument: str) -> str:
    # tmux takes a semicolon at the end of an argument as the end of the command.
    return argument[:-1] + "\\;" if argument.endswith(";") else argument
