"""The adapter of Droid: start, usage and diagnosis.

The adapter runs ``droid exec``: one process for one turn. The interactive Droid needs a login with
its vendor. Facts about the program were seen with version 0.215.0; the tests run it and notice
changes.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import (
    PROMPT,
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
from hephaestus_worker.agent_programs.droid import config as droid_config
from hephaestus_worker.agent_programs.droid import sessions as droid_sessions
from hephaestus_worker.terminal.private_files import private_folder
from hephaestus_worker.terminal.tmux import Tmux

INSTALL: Final = "npm install -g droid"

_CONFIG: Final = "config"
_OPTIONS: Final = ("--skip-permissions-unsafe", "--output-format", "stream-json")
_AT_WORK: Final = '{"type":"'
_OVER: Final = ('{"type":"completion"', '"source":"cli"')
_REFUSED_AT_START: Final = re.compile(r"Invalid model: \S+|Authentication failed\.[^\"]*")


class DroidProgram:
    """Adapter of Droid."""

    name = "droid"
    interrupt_keys: tuple[str, ...] = ()
    cannot: Mapping[Promise, str] = {
        Promise.IDLE_AND_BUSY: "it is busy until it ends, and never waits",
        Promise.MESSAGE_WHILE_IDLE: "it ends with its turn",
        Promise.MESSAGE_WHILE_BUSY: "its agent has to ask for messages, with the tool get_messages",
        Promise.RESUMES: "without a login at its vendor it does not go on with a session",
        Promise.COST: "it counts tokens, not money",
        Promise.OVERLOAD: "it tries again for minutes and shows nothing meanwhile",
    }

    def ensure_installed(self, environment: Mapping[str, str] | None = None) -> Path:
        return found_on_path("droid", install=INSTALL, environment=environment)

    def ensure_login(self, environment: Mapping[str, str]) -> None:
        """See ``AgentProgram.ensure_login``."""
        droid_config.ensure_login(environment)

    def prepare(self, launch: Launch) -> Command:
        """Write the configuration.

        Raises:
            AgentProgramError: the user has no key and no login for a fitting model.
        """
        home = private_folder(launch.folder / _CONFIG)
        model = droid_config.write(home, launch)
        chosen = ("--model", model) if model else ()
        return Command(
            argv=("droid", "exec", *_OPTIONS, *chosen, "--file", str(launch.folder / PROMPT)),
            environment={
                # Droid alone gets another home; git and ssh keep the user's.
                "FACTORY_HOME_OVERRIDE": str(home),
                "FACTORY_DROID_AUTO_UPDATE_ENABLED": "false",
            },
        )

    def is_idle(self, screen: str) -> bool | None:
        """Return False while it works, else None: it ends instead of waiting for input."""
        over = any(sign in screen for sign in _OVER)
        return False if _AT_WORK in screen and not over else None

    def deliver(
        self,
        tmux: Tmux,
        session: str,
        text: str,
        *,
        folder: Path,
    ) -> None:
        """Deliver nothing, because Droid reads no input. Its agent may ask for its messages."""

    def session_id(self, folder: Path) -> str | None:  # noqa: ARG002
        """Return None: Droid cannot resume a session without a login."""
        return None

    def turns(self, folder: Path, after: Places) -> Reading:  # noqa: ARG002 - sums have no places
        home = folder / _CONFIG
        return droid_sessions.turns(home, model=droid_config.model_of(home))

    def signs(self, folder: Path, read: dict[str, int]) -> list[Sign]:
        return droid_sessions.signs(folder / _CONFIG, read)

    def diagnose(self, screen: str, exit_code: int | None, *, folder: Path) -> Failure | None:
        if not exit_code:
            return None  # Failures end Droid; until then only its subagents can have failed.
        if refused := _REFUSED_AT_START.search(screen.replace("\n", "")):
            return Failure(FailureClass.PERMANENT, refused[0])
        failure = droid_sessions.failure(folder / _CONFIG)
        return failure or failure_of_exit("Droid", exit_code)
