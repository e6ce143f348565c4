"""Checks the agent programs of this machine: installation, version, login.

Only an adapter can be sure of its login; this looks for what people set up by hand.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.program_settings import ProgramSettings, read_program

_VERSION_SECONDS: Final = 30


@dataclass(frozen=True)
class Program:
    """How one program is installed and logged in to.

    Args:
        install: the command that installs it.
        log_in: instructions for the login.
        keys: variables that replace a login.
        files: files with a login or a model, in the user's home folder.
    """

    name: str
    install: str
    log_in: str
    keys: tuple[str, ...]
    files: tuple[str, ...]


PROGRAMS: Final = (
    Program(
        "claude",
        "npm install -g @anthropic-ai/claude-code",
        "start `claude` once",
        ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
        (".claude/.credentials.json",),
    ),
    Program(
        "codex",
        "npm install -g @openai/codex",
        "run `codex login`",
        ("OPENAI_API_KEY",),
        (".codex/auth.json",),
    ),
    Program(
        "opencode",
        "npm install -g opencode-ai",
        "run `opencode auth login`",
        ("OPENCODE_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"),
        (
            ".local/share/opencode/auth.json",
            ".config/opencode/opencode.json",
            ".config/opencode/opencode.jsonc",
        ),
    ),
    Program(
        "droid",
        "npm install -g droid",
        "add a model to customModels in ~/.factory/settings.json",
        ("FACTORY_API_KEY", "ANTHROPIC_API_KEY"),
        (".factory/settings.json",),
    ),
)


@dataclass(frozen=True)
class State:
    """The state of one program; ``ready`` if agents can be started with it."""

    name: str
    installed: bool
    ready: bool
    text: str


def states(settings: Settings, environment: Mapping[str, str] | None = None) -> list[State]:
    """Return the state of each program; all are checked at once."""
    source = os.environ if environment is None else environment
    looks = [partial(_state, program, settings) for program in PROGRAMS]
    looks += [
        partial(_configured_state, program, settings)
        for program in (read_program(name, raw)[0] for name, raw in settings.agent_programs.items())
        if program is not None
    ]
    with ThreadPoolExecutor(len(looks)) as pool:
        return list(pool.map(lambda look: look(source), looks))


def _state(program: Program, settings: Settings, environment: Mapping[str, str]) -> State:
    path = shutil.which(program.name, path=environment.get("PATH"))
    if path is None:
        return _missing(program.name, program.install)
    version = _version(path, environment)
    if login := _login(program, settings, environment):
        return State(
            program.name, installed=True, ready=True, text=f"{version} at {path}, with {login}"
        )
    remedy = f"{program.log_in}, or set {' or '.join(program.keys)}"
    unnamed = [key for key in program.keys if environment.get(key)]
    if unnamed:
        remedy = f"name {' or '.join(unnamed)}, which is set, in agents.environment"
    return State(
        program.name,
        installed=True,
        ready=False,
        text=f"{version} at {path}, but no login: {remedy}",
    )


def _configured_state(
    program: ProgramSettings, settings: Settings, environment: Mapping[str, str]
) -> State:
    """Check a program of the configuration: its command and its variables."""
    path = shutil.which(program.command[0], path=environment.get("PATH"))
    if path is None:
        return _missing(program.name, program.install)
    text = f"{_version(path, environment)} at {path}"
    lacking = [
        name
        for name in program.asked_variables()
        if not environment.get(name) or name not in settings.agent_environment
    ]
    if lacking:
        text += f", but set {' and '.join(lacking)}, and name them in agents.environment"
    return State(program.name, installed=True, ready=not lacking, text=text)


def _missing(name: str, install: str) -> State:
    return State(name, installed=False, ready=False, text=f"not installed; to use it: {install}")


def _version(path: str, environment: Mapping[str, str]) -> str:
    try:
        said = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            env=dict(environment),
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "a version that it does not tell"
    return said.stdout.strip().partition("\n")[0]


def _login(program: Program, settings: Settings, environment: Mapping[str, str]) -> str | None:
    """Return a description of the login that agents would use; None without one."""
    for key in program.keys:
        if environment.get(key) and key in settings.agent_environment:
            return key
    home = Path(environment.get("HOME") or Path.home())
    for path in (home / file for file in program.files):
        if path.exists():
            return str(path)
    in_keychain = program.name == "claude" and sys.platform == "darwin"
    return "the login in the keychain, if there is one" if in_keychain else None
