"""The adapter of OpenCode: start, messages, usage and diagnosis.

Facts about the program were seen with version 1.18.33; the tests run it and notice changes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hephaestus_core.clock import utcnow
from hephaestus_worker.agent_programs.base import (
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
from hephaestus_worker.agent_programs.opencode import actions as opencode_actions
from hephaestus_worker.agent_programs.opencode import config as opencode_config
from hephaestus_worker.agent_programs.opencode import screen as opencode_screen
from hephaestus_worker.agent_programs.opencode.retrying import retries
from hephaestus_worker.agent_programs.opencode.sessions import Sessions
from hephaestus_worker.agent_programs.pasting import Box, paste
from hephaestus_worker.agent_programs.prompts import argument_file, as_message
from hephaestus_worker.terminal.private_files import private_folder
from hephaestus_worker.terminal.tmux import Tmux, plain_text

INSTALL: Final = "npm install -g opencode-ai"

_CONFIG: Final = "config"
_SESSIONS: Final = "sessions.db"
_COMMANDS: Final = "/!"
#: The space keeps Enter from choosing out of a list after a word such as @file.
_BOX: Final = Box(opencode_screen.takes_input, opencode_screen.shows_input, after=" ")


#: Settings, plugins and instructions in the repository do not count, but for instructions beside a
#: file that is read.
_WITHOUT_PROJECT: Final = {
    "OPENCODE_DISABLE_PROJECT_CONFIG": "1",
    "OPENCODE_DISABLE_CLAUDE_CODE": "1",
    "OPENCODE_DISABLE_EXTERNAL_SKILLS": "1",
}


class OpenCodeProgram:
    """Adapter of OpenCode."""

    name = "opencode"
    interrupt_keys: tuple[str, ...] = ("Escape", "Escape")
    cannot: Mapping[Promise, str] = {}

    def ensure_installed(self, environment: Mapping[str, str] | None = None) -> Path:
        return found_on_path("opencode", install=INSTALL, environment=environment)

    def ensure_login(self, environment: Mapping[str, str]) -> None:
        """See ``AgentProgram.ensure_login``."""
        opencode_config.ensure_login(environment)

    def prepare(self, launch: Launch) -> Command:
        """Write the configuration.

        Raises:
            AgentProgramError: the user has no login, provider or key; or the model is misspelt.
        """
        config = private_folder(launch.folder / _CONFIG)
        environment = {
            # The user's own folders stay in use: OpenCode renews the login there, and the agent's
            # commands (git, package managers) keep their settings and caches.
            "OPENCODE_DB": str(config / _SESSIONS),
            "XDG_STATE_HOME": str(private_folder(config / "state")),
            "OPENCODE_CONFIG_CONTENT": opencode_config.content(config, launch),
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_TERMINAL_TITLE": "1",
            **(_WITHOUT_PROJECT if launch.judges else {}),
        }
        readable = opencode_config.user_files(launch.environment)
        writable = (opencode_config.login_file(launch.environment),)
        if launch.resume_session:
            return Command(
                ("opencode", "--auto", "-s", launch.resume_session),
                environment,
                prompt_as_message=True,
                readable=readable,
                writable=writable,
            )
        return Command(
            ("opencode", "--auto"),
            environment,
            readable=readable,
            writable=writable,
            # One argument: a separate prompt that begins with - would be taken for an option.
            prompt_prefix="--prompt=",
            prompt_file=argument_file(launch, _COMMANDS),
        )

    def is_idle(self, screen: str) -> bool | None:
        return opencode_screen.is_idle(screen)

    def deliver(self, tmux: Tmux, session: str, text: str, *, folder: Path) -> bool | None:
        """Paste the message and look for it in the session, as said or as queued."""
        sessions = _sessions(folder)
        message = as_message(plain_text(text), _COMMANDS)
        before = sessions.times_said(message)
        return paste(
            tmux,
            session,
            message,
            box=_BOX,
            taken=lambda: sessions.times_said(message) > before,
        )

    def session_id(self, folder: Path) -> str | None:
        return _sessions(folder).first()

    def turns(self, folder: Path, after: Places) -> Reading:
        return _sessions(folder).turns(after)

    def signs(self, folder: Path, read: dict[str, int]) -> list[Sign]:
        return [*opencode_actions.signs(_sessions(folder), read), *retries(folder, read)]

    def diagnose(self, screen: str, exit_code: int | None, *, folder: Path) -> Failure | None:
        failure = _sessions(folder).failure() or opencode_screen.failure(screen, now=utcnow())
        return failure or failure_of_exit("OpenCode", exit_code)


def _sessions(folder: Path) -> Sessions:
    return Sessions(folder / _CONFIG / _SESSIONS)
