"""The adapter of Claude Code: start, messages, usage and diagnosis.

Facts about the program were seen with version 2.1.197; the tests run it and notice changes.
"""

import json
import os
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from hephaestus_core.clock import utcnow
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import AgentProgramError
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
from hephaestus_worker.agent_programs.claude import hooks as claude_hooks
from hephaestus_worker.agent_programs.claude import login as claude_login
from hephaestus_worker.agent_programs.claude import screen as claude_screen
from hephaestus_worker.agent_programs.claude import transcript as claude_transcript
from hephaestus_worker.agent_programs.pasting import Box, paste
from hephaestus_worker.agent_programs.prompts import argument_file, as_message
from hephaestus_worker.agent_programs.records import part
from hephaestus_worker.terminal.private_files import private_folder, read_word, write_private
from hephaestus_worker.terminal.tmux import Tmux, plain_text

INSTALL = "npm install -g @anthropic-ai/claude-code"
MCP_SERVER = "hephaestus"

_CONFIG = "config"
_SESSION = "session-id"
_STATE = ".claude.json"
_COMMANDS = "/!#&"
# The program stores the last 20 characters of an approved key.
_KEY_TAIL = 20
_LOGIN_FOLDER = "CLAUDE_SECURESTORAGE_CONFIG_DIR"
_LOGINS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")
#: Clouds that serve the model, each with the folder of its login in the person's home.
_CLOUDS = {
    "CLAUDE_CODE_USE_BEDROCK": ".aws",
    "CLAUDE_CODE_USE_VERTEX": ".config/gcloud",
    "CLAUDE_CODE_USE_FOUNDRY": ".azure",
}
_BOX = Box(claude_screen.takes_input, claude_screen.shows_input)
_QUIET = {
    "CLAUDE_CODE_DEBUG_LOG_LEVEL": "error",  # Its log says at once why a request was refused.
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_DISABLE_TERMINAL_TITLE": "1",  # Saves a request to the model at each start.
    "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": "1",
}


class ClaudeProgram:
    """Adapter of Claude Code."""

    name = "claude"
    interrupt_keys: tuple[str, ...] = ("Escape",)
    cannot: Mapping[Promise, str] = {Promise.COST: "it notes its cost only when a person ends it"}

    def ensure_installed(self, environment: Mapping[str, str] | None = None) -> Path:
        return found_on_path("claude", install=INSTALL, environment=environment)

    def ensure_login(self, environment: Mapping[str, str]) -> None:
        """See ``AgentProgram.ensure_login``."""
        if _by_variable(environment) or _login_file(environment).exists() or _on_a_mac():
            return
        raise AgentProgramError(
            "Claude Code has no login on this host. Log in by starting `claude` once, or set"
            f" {' or '.join(_LOGINS)} for the worker and name it in agents.environment."
        )

    def prepare(self, launch: Launch) -> Command:
        """Write the configuration.

        Raises:
            AgentProgramError: this host has no login for Claude Code.
        """
        config = private_folder(launch.folder / _CONFIG)
        login, writable = _login(launch)
        _write_state(config, launch)
        write_private(config / "settings.json", json.dumps(_SETTINGS))
        write_private(config / "mcp.json", json.dumps(_mcp(launch)))
        session = _session_for(config, launch)
        return Command(
            argv=_argv(config, launch, session),
            environment={"CLAUDE_CONFIG_DIR": str(config), **_QUIET, **_sandbox(), **login},
            prompt_prefix="",
            prompt_file=argument_file(launch, _COMMANDS),
            readable=_cloud_logins(launch.environment),
            writable=writable,
        )

    def is_idle(self, screen: str) -> bool | None:
        return claude_screen.is_idle(screen)

    def deliver(self, tmux: Tmux, session: str, text: str, *, folder: Path) -> bool | None:
        """Paste the message and look for it in the transcript, as said or as queued."""
        if not is_running(tmux, session):
            return None
        if claude_screen.asks_about_limit(tmux.capture(session, 0)):
            tmux.send_keys(session, "Escape")
        message = as_message(plain_text(text), _COMMANDS)
        config = folder / _CONFIG
        starts = claude_transcript.sizes(config)
        return paste(
            tmux,
            session,
            message,
            box=_BOX,
            taken=lambda: claude_transcript.noted(config, starts, message),
        )

    def session_id(self, folder: Path) -> str | None:
        config = folder / _CONFIG
        session = read_word(config / _SESSION)
        return session if session and claude_transcript.exists(config, session) else None

    def turns(self, folder: Path, after: Places) -> Reading:
        return claude_transcript.turns(folder / _CONFIG, after)

    def signs(self, folder: Path, read: dict[str, int]) -> list[Sign]:
        return claude_hooks.signs(folder / _CONFIG, read)

    def diagnose(
        self,
        screen: str,
        exit_code: int | None,
        *,
        folder: Path,  # noqa: ARG002 - the screen suffices
    ) -> Failure | None:
        failure = claude_screen.failure(screen, now=utcnow())
        return failure or failure_of_exit("Claude Code", exit_code)


_SETTINGS: dict[str, Any] = {
    "skipDangerousModePermissionPrompt": True,
    "includeCoAuthoredBy": False,
    "hooks": claude_hooks.settings(),
    "permissions": {"deny": list(claude_hooks.DENIED)},
}


def _argv(config: Path, launch: Launch, session: str) -> tuple[str, ...]:
    which = "--resume" if launch.resume_session else "--session-id"
    model = ("--model", launch.model) if launch.model else ()
    # Without the project's settings there are no hooks, plugins and instructions of it either.
    sources = ("--setting-sources", "user") if launch.judges else ()
    # The prompt follows --, because it may begin with - and --mcp-config would take it for a file.
    return (
        *("claude", "--dangerously-skip-permissions", which, session, *model, *sources),
        *("--debug-file", str(config / claude_hooks.ERRORS)),
        *("--strict-mcp-config", "--mcp-config", str(config / "mcp.json"), "--"),
    )


def exchange_login(environment: Mapping[str, str], logins: Path, *, now: datetime) -> None:
    """Keep the login that agents in sandboxes share equal to the person's, once there is one."""
    if (logins / ClaudeProgram.name).is_dir():
        claude_login.exchange(_login_file(environment), logins / ClaudeProgram.name, now=now)


def _login(launch: Launch) -> tuple[dict[str, str], tuple[Path, ...]]:
    """Return the variables that lead the program to its login, and the folders to write.

    A person's login is shared, because each renewal makes all copies invalid.

    Raises:
        AgentProgramError: this host has no login for Claude Code.
    """
    environment = launch.environment
    ClaudeProgram().ensure_login(environment)
    if _by_variable(environment):
        return {}, ()
    person = _login_file(environment)
    if launch.logins is not None and person.exists():
        place = launch.logins / ClaudeProgram.name
        claude_login.exchange(person, place, now=utcnow())
        folder = claude_login.shared_folder(place)
        return {_LOGIN_FOLDER: str(folder)}, (place, folder)
    return {_LOGIN_FOLDER: ""}, ()


def _by_variable(environment: Mapping[str, str]) -> bool:
    return any(environment.get(name) for name in (*_LOGINS, *_CLOUDS))


def _login_file(environment: Mapping[str, str]) -> Path:
    home = Path(environment.get("HOME") or Path.home())
    return home / ".claude" / claude_login.FILE


def _cloud_logins(environment: Mapping[str, str]) -> tuple[Path, ...]:
    home = Path(environment.get("HOME") or Path.home())
    return tuple(home / folder for name, folder in _CLOUDS.items() if environment.get(name))


def _on_a_mac() -> bool:
    return (
        os.uname().sysname == "Darwin"
    )  # There only claude can look up the login: it is in the keychain.


def _sandbox() -> dict[str, str]:
    # As root, the program skips permissions only if it believes itself in a sandbox.
    return {"IS_SANDBOX": "1"} if os.geteuid() == 0 else {}


def _write_state(config: Path, launch: Launch) -> None:
    """Answer the first-run dialogs; keep everything else that the program has written."""
    state = agent_files.json_object(config, _STATE)
    state["hasCompletedOnboarding"] = True
    if key := launch.environment.get("ANTHROPIC_API_KEY"):
        state["customApiKeyResponses"] = {"approved": [key[-_KEY_TAIL:]], "rejected": []}
    projects = part(state, "projects")
    for folder in (launch.worktree, launch.working_directory):
        for path_name in {str(folder), str(folder.resolve())}:
            projects[path_name] = {**part(projects, path_name), "hasTrustDialogAccepted": True}
    write_private(config / _STATE, json.dumps({**state, "projects": projects}))


def _mcp(launch: Launch) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {launch.token}"}
    server = {"type": "http", "url": launch.mcp_url, "headers": headers}
    return {"mcpServers": {MCP_SERVER: server}}


def _session_for(config: Path, launch: Launch) -> str:
    if launch.resume_session:
        return launch.resume_session
    # The program accepts a session id for one start only, so a repeated start needs a new id.
    used = (config / _SESSION).exists()
    session = str(uuid.uuid4() if used else uuid.uuid5(uuid.NAMESPACE_OID, launch.agent_id))
    write_private(config / _SESSION, session)
    return session
