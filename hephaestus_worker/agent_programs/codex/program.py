"""The adapter of Codex: start, messages, usage and diagnosis.

Facts about the program were seen with version 0.169.0; the tests run it and notice changes.
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
    is_running,
)
from hephaestus_worker.agent_programs.codex import config as codex_config
from hephaestus_worker.agent_programs.codex import rollout as codex_rollout
from hephaestus_worker.agent_programs.codex import screen as codex_screen
from hephaestus_worker.agent_programs.pasting import READY_SECONDS, Box, comes_true, paste
from hephaestus_worker.agent_programs.prompts import argument_file, as_message
from hephaestus_worker.terminal.private_files import private_folder
from hephaestus_worker.terminal.tmux import Tmux, plain_text

INSTALL: Final = "npm install -g @openai/codex"

_CONFIG: Final = "config"
_COMMANDS: Final = "/!"
# Without --no-daemon the agent would run in a shared server, which outlives the session and keeps
# the environment of the process that started it.
_OPTIONS: Final = ("--no-daemon", "--dangerously-bypass-approvals-and-sandbox")
#: The space keeps Enter from choosing out of a list after a word such as @file or $skill.
_BOX: Final = Box(codex_screen.takes_input, codex_screen.shows_input, after=" ")


class CodexProgram:
    """Adapter of Codex."""

    name = "codex"
    interrupt_keys: tuple[str, ...] = ("Escape",)
    cannot: Mapping[Promise, str] = {Promise.COST: "it counts tokens, not money"}

    def ensure_installed(self, environment: Mapping[str, str] | None = None) -> Path:
        return found_on_path("codex", install=INSTALL, environment=environment)

    def ensure_login(self, environment: Mapping[str, str]) -> None:
        """See ``AgentProgram.ensure_login``."""
        codex_config.ensure_access(environment)

    def prepare(self, launch: Launch) -> Command:
        """Write the configuration.

        Raises:
            AgentProgramError: this host has no login for Codex.
        """
        config = private_folder(launch.folder / _CONFIG)
        codex_config.write(config, launch)
        if launch.resume_session:
            codex_rollout.forget_places(config)
        resume = ("resume", launch.resume_session) if launch.resume_session else ()
        return Command(
            argv=("codex", *resume[:1], *_OPTIONS, *resume[1:], "--"),
            environment={"CODEX_HOME": str(config), codex_config.TOKEN_VARIABLE: launch.token},
            prompt_prefix="",
            prompt_file=argument_file(launch, _COMMANDS),
            writable=(codex_config.person(launch.environment).login,),
        )

    def is_idle(self, screen: str) -> bool | None:
        return codex_screen.is_idle(screen)

    def deliver(self, tmux: Tmux, session: str, text: str, *, folder: Path) -> bool | None:
        """Paste the message and look for it in the history, as said or as queued."""
        config = folder / _CONFIG
        if not is_running(tmux, session):
            return None
        # Until Codex has taken its prompt it accepts a message but does not record it.
        if not comes_true(lambda: codex_rollout.size(config) > 0, READY_SECONDS):
            return None
        message = as_message(plain_text(text), _COMMANDS)
        start = codex_rollout.size(config)
        return paste(
            tmux,
            session,
            message,
            box=_BOX,
            taken=lambda: codex_rollout.has_message(config, start, message),
        )

    def session_id(self, folder: Path) -> str | None:
        return codex_rollout.session_id(folder / _CONFIG)

    def turns(self, folder: Path, after: Places) -> Reading:
        return codex_rollout.turns(folder / _CONFIG, after)

    def signs(self, folder: Path, read: dict[str, int]) -> list[Sign]:
        return codex_rollout.signs(folder / _CONFIG, read)

    def diagnose(
        self,
        screen: str,
        exit_code: int | None,
        *,
        folder: Path,  # noqa: ARG002 - the screen suffices
    ) -> Failure | None:
        failure = codex_screen.failure(screen, now=utcnow())
        return failure or failure_of_exit("Codex", exit_code)
