"""The adapter for programs described in the configuration; see docs/agent-programs.md."""

import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

import tomli_w

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.contract.failures import FAILURE_CLASSES, FailureClass
from hephaestus_core.settings.program_settings import PLACEHOLDER, ProgramSettings
from hephaestus_worker.agent_programs.base import (
    PROMPT,
    RESUME_PROMPT,
    Command,
    Failure,
    Launch,
    Places,
    Promise,
    Reading,
    Sign,
    failure_of_exit,
    found_on_path,
)
from hephaestus_worker.agent_programs.pasting import paste
from hephaestus_worker.agent_programs.prompts import argument_file, as_message
from hephaestus_worker.terminal.private_files import private_folder, read_word, write_private
from hephaestus_worker.terminal.tmux import Tmux, plain_text

_SESSION: Final = "session-id"
_TAB: Final = "    "
#: Most bytes of a transcript in which a message is looked for.
_MOST_NEW: Final = 16 * 2**20
_SCREEN_PROMISES: Final = {
    Promise.WRONG_MODEL: FailureClass.PERMANENT,
    Promise.REFUSED_KEY: FailureClass.PERMANENT,
    Promise.QUOTA: FailureClass.QUOTA,
    Promise.OVERLOAD: FailureClass.TRANSIENT,
}


class ConfiguredProgram:
    """Adapter of one program of the configuration."""

    interrupt_keys: tuple[str, ...] = ()

    def __init__(self, settings: ProgramSettings) -> None:
        self.name = settings.name
        self.cannot: Mapping[Promise, str] = _cannot(settings)
        self._settings = settings
        self._busy = _any_of(settings.busy)
        self._idle = _any_of(settings.idle)
        self._failures = [
            (class_, pattern)
            for class_ in FAILURE_CLASSES
            if (pattern := _any_of(settings.failures.get(class_, ())))
        ]

    def ensure_installed(self, environment: Mapping[str, str] | None = None) -> Path:
        return found_on_path(
            self._settings.command[0], install=self._settings.install, environment=environment
        )

    def ensure_login(self, environment: Mapping[str, str]) -> None:
        """Its files are not known, so it counts as logged in."""

    def prepare(self, launch: Launch) -> Command:
        """Write the configured files.

        Raises:
            AgentProgramError: a variable in them is not set, or no argument takes the model.
        """
        if launch.model and not self._settings.model_arguments:
            raise AgentProgramError(
                f"{self.name} cannot be given the model {launch.model!r}; add model_arguments to"
                " its settings, or leave cli_model out."
            )
        known = _values(launch, _session_for(launch))
        for path, content in self._settings.files.items():
            place = launch.folder / path
            private_folder(place.parent)
            write_private(place, _written(path, _filled_in(content, known)))
        environment = _filled_in(self._settings.environment, known)
        argv = tuple(_filled(argument, known) for argument in self._arguments(launch))
        if self._settings.prompt == "file":
            return Command(argv, environment)
        return Command(
            argv,
            environment,
            prompt_prefix=self._settings.prompt_prefix,
            prompt_file=argument_file(launch, self._settings.command_characters),
        )

    def is_idle(self, screen: str) -> bool | None:
        if self._busy and self._busy.search(screen):
            return False
        return True if self._idle and self._idle.search(screen) else None

    def deliver(self, tmux: Tmux, session: str, text: str, *, folder: Path) -> bool | None:
        """Paste the message and look for it in the transcript."""
        if Promise.MESSAGE_WHILE_IDLE in self.cannot:
            return None
        plain = plain_text(text).replace("\t", _TAB)
        message = as_message(plain, self._settings.command_characters)
        sizes = {name: agent_files.size(folder, name) or 0 for name in self._transcripts(folder)}
        return paste(
            tmux,
            session,
            message,
            box=None,
            taken=lambda: self._noted(folder, sizes, message),
        )

    def session_id(self, folder: Path) -> str | None:
        if Promise.RESUMES in self.cannot:
            return None
        begun = self._settings.transcript is None or any(self._transcripts(folder))
        return read_word(folder / _SESSION) if begun else None

    def turns(self, folder: Path, after: Places) -> Reading:  # noqa: ARG002 - nowhere to read
        return Reading()

    def signs(self, folder: Path, read: dict[str, int]) -> list[Sign]:  # noqa: ARG002
        return []

    def diagnose(
        self,
        screen: str,
        exit_code: int | None,
        *,
        folder: Path,  # noqa: ARG002 - screen and status suffice
    ) -> Failure | None:
        status = self._settings.exits.get(exit_code) if exit_code else None
        if status is not None:
            return _failure(FailureClass(status), f"{self.name} ended with status {exit_code}.")
        if exit_code is None and self.is_idle(screen) is False:
            return None
        for class_, pattern in self._failures:
            if found := pattern.search(screen):
                return _failure(class_, _line_of(screen, found))
        return failure_of_exit(self.name, exit_code)

    def _arguments(self, launch: Launch) -> tuple[str, ...]:
        settings = self._settings
        again = settings.resume_arguments if launch.resume_session else settings.new_arguments
        model = settings.model_arguments if launch.model else ()
        return (*settings.command, *again, *model, *settings.last_arguments)

    def _transcripts(self, folder: Path) -> Sequence[PurePosixPath]:
        pattern = self._settings.transcript
        return agent_files.files(folder, pattern) if pattern else ()

    def _noted(self, folder: Path, sizes: Mapping[PurePosixPath, int], message: str) -> bool:
        wanted = [
            json.dumps(message.strip(), ensure_ascii=ascii_only)[1:-1].encode()
            for ascii_only in (False, True)
        ]
        for name in self._transcripts(folder):
            start = sizes.get(name, 0)
            new = agent_files.read(folder, name, most=_MOST_NEW, start=start) or b""
            if any(form in new for form in wanted):
                return True
        return False


def _cannot(settings: ProgramSettings) -> dict[Promise, str]:
    cannot = dict.fromkeys((Promise.TOKENS, Promise.COST), "no setting says where they are noted")
    if not (settings.busy and settings.idle):
        cannot[Promise.IDLE_AND_BUSY] = "it has no patterns `busy` and `idle`"
    if settings.transcript is None:
        messages = (Promise.MESSAGE_WHILE_IDLE, Promise.MESSAGE_WHILE_BUSY)
        cannot |= dict.fromkeys(messages, "it has no `transcript` to find a message in")
    if not settings.resume_arguments:
        cannot[Promise.RESUMES] = "it has no `resume_arguments`"
    for promise, class_ in _SCREEN_PROMISES.items():
        if not settings.failures.get(class_):
            cannot[promise] = f"it has no patterns `failures.{class_}`"
    return cannot


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    texts = [f"(?:{pattern})" for pattern in patterns]
    return re.compile("|".join(texts), re.MULTILINE) if texts else None


def _failure(class_: FailureClass, reason: str) -> Failure:
    return Failure(class_, reason, of_provider=class_ is FailureClass.TRANSIENT)


def _line_of(screen: str, found: re.Match[str]) -> str:
    start = screen.rfind("\n", 0, found.start()) + 1
    return screen[start:].split("\n", 1)[0].strip()


def _session_for(launch: Launch) -> str:
    if launch.resume_session:
        return launch.resume_session
    session = str(uuid.uuid4())
    write_private(launch.folder / _SESSION, session)
    return session


def _values(launch: Launch, session: str) -> dict[str, str]:
    prompt = RESUME_PROMPT if launch.resume_session else PROMPT
    return {
        "folder": str(launch.folder),
        "worktree": str(launch.worktree),
        "working_directory": str(launch.working_directory),
        "prompt_file": str(launch.folder / prompt),
        "mcp_url": launch.mcp_url,
        "token": launch.token,
        "model": launch.model or "",
        "session": session,
        **{f"env:{name}": value for name, value in launch.environment.items()},
    }


def _filled_in(content: Any, known: Mapping[str, str]) -> Any:
    """Replace the placeholders in all texts of ``content``, its keys included."""
    if isinstance(content, str):
        return _filled(content, known)
    if isinstance(content, Mapping):
        return {_filled(str(k), known): _filled_in(v, known) for k, v in content.items()}
    if isinstance(content, list):
        return [_filled_in(item, known) for item in content]
    return content


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Replace the known placeholders in one pass; placeholders within a value stay as they are."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("env:") and not known.get(name):
            variable = name.removeprefix("env:")
            raise AgentProgramError(
                f"{variable} is not set; set it for the worker and name it in agents.environment."
            )
        return known.get(name, found[0])

    return PLACEHOLDER.sub(value, text)


def _written(path: str, content: Any) -> str:
    if isinstance(content, str):
        return content
    return tomli_w.dumps(content) if path.endswith(".toml") else json.dumps(content)
