"""Checks all needs of a local stack, and names faults with their remedies."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hephaestus_core.contract.errors import ConfigurationError, HephaestusError
from hephaestus_core.settings.config import Settings
from hephaestus_sdk.runtime import (
    agent_programs,
    checks,
    containment,
    guardian_check,
    llm_check,
    vectors_check,
)
from hephaestus_sdk.runtime.errors import ProgramMissing
from hephaestus_sdk.runtime.home import Home

#: ``info`` says what nobody has asked for and what is not there.
Level = Literal["ok", "info", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; ``text`` names the finding and the remedy."""

    name: str
    level: Level
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Run all checks, even after a failed one; nothing is started."""
    home = Home(settings.home)
    running = home.is_supervised()
    return [
        Finding("python", "ok", _python()),
        _asked("packages", checks.packages),
        _asked("git", lambda: checks.program_version("git", checks.OLDEST_GIT)),
        _git_identity(),
        _asked("tmux", lambda: checks.program_version("tmux", checks.OLDEST_TMUX)),
        *(_agent_program(state, settings) for state in agent_programs.states(settings)),
        _containment(settings),
        _llm(settings),
        _vectors(settings),
        _guardian(settings, running=running),
        # Before the check of the home, which closes the folder.
        _asked("secrets", lambda: checks.secrets_are_kept(home)),
        _asked("home", lambda: checks.writable_home(home)),
        _permissions(home),
        _asked("disk", lambda: checks.free_disk(home.root if home.root.exists() else home.run)),
        _asked("database", lambda: checks.database(settings, home)),
        _asked("broker", lambda: checks.message_broker(settings)),
        _asked("clock", lambda: checks.clock(settings)),
        Finding("ports", "ok", f"held by the stack that runs in {home.root}")
        if running
        else _asked("ports", lambda: checks.free_ports(settings)),
    ]


def _python() -> str:
    return f"Python {'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}"


def _asked(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", check())
    except (HephaestusError, OSError, subprocess.SubprocessError) as error:
        return Finding(name, "fail", str(error))


def _git_identity() -> Finding:
    try:
        checks.program_version("git", checks.OLDEST_GIT)
    except ProgramMissing:
        return Finding("git identity", "warn", "git has to be installed first")
    names = {key: _git_setting(key) for key in ("user.name", "user.email")}
    missing = [key for key, value in names.items() if not value]
    if missing:
        return Finding(
            "git identity",
            "warn",
            f"git knows no {' and no '.join(missing)}; commits will be by Hephaestus. To change "
            'that: git config --global user.name "…" and user.email "…"',
        )
    return Finding("git identity", "ok", f"{names['user.name']} <{names['user.email']}>")


def _git_setting(key: str) -> str:
    argv = ["git", "config", "--get", key]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def _agent_program(state: agent_programs.State, settings: Settings) -> Finding:
    """Rate the state of a program: one that is not configured may be missing."""
    if state.ready:
        return Finding(state.name, "ok", state.text)
    asked_for = {settings.default_cli_tool, *settings.agent_programs}
    wanted = state.installed or state.name in asked_for
    return Finding(state.name, "warn" if wanted else "info", state.text)


def _containment(settings: Settings) -> Finding:
    try:
        contained, text = containment.found(settings)
    except ConfigurationError as error:
        return Finding("sandbox", "fail", error.message)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return Finding("sandbox", "warn", f"not known whether agents are contained: {error}")
    missing = [
        str(p) for p in (*settings.agent_readable, *settings.agent_writable) if not p.exists()
    ]
    if contained and missing:
        text += f" Not there, so no agent gets it: {', '.join(missing)}; make it (mkdir -p)."
    return Finding("sandbox", "ok" if contained and not missing else "warn", text)


def _llm(settings: Settings) -> Finding:
    usable, text = llm_check.found(settings)
    return Finding("llm", "ok" if usable else "warn", text)


def _vectors(settings: Settings) -> Finding:
    usable, text = vectors_check.found(settings)
    return Finding("vectors", "ok" if usable else "warn", text)


def _guardian(settings: Settings, *, running: bool) -> Finding:
    well, text = guardian_check.found(settings, running=running)
    return Finding("guardian", "ok" if well else "warn", text)


def _permissions(home: Home) -> Finding:
    if not home.root.exists():
        return Finding("permissions", "ok", "the home folder will be made closed to others")
    status = home.root.stat()
    if status.st_uid != os.geteuid():
        return Finding(
            "permissions",
            "warn",
            f"{home.root} belongs to account {status.st_uid}, you are {os.geteuid()}; "
            "run as its owner, or name another home by --home",
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(
            "permissions",
            "warn",
            f"{home.root} can be entered by others (its secrets cannot be read); "
            f"run: chmod 700 {home.root}",
        )
    return Finding("permissions", "ok", f"{home.root} is closed to others")
