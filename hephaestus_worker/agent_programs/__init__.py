"""The agent programs that hosts can run, by name."""

from collections.abc import Iterable, Mapping
from typing import Any

from hephaestus_core.contract.errors import AgentProgramError, ConfigurationError
from hephaestus_core.settings.program_settings import read_program
from hephaestus_worker.agent_programs.base import AgentProgram
from hephaestus_worker.agent_programs.claude.program import ClaudeProgram
from hephaestus_worker.agent_programs.codex.program import CodexProgram
from hephaestus_worker.agent_programs.configured import ConfiguredProgram
from hephaestus_worker.agent_programs.droid.program import DroidProgram
from hephaestus_worker.agent_programs.opencode.program import OpenCodeProgram
from hephaestus_worker.agent_programs.scripted import ScriptedProgram

PROGRAMS: dict[str, AgentProgram] = {
    "claude": ClaudeProgram(),
    "codex": CodexProgram(),
    "droid": DroidProgram(),
    "opencode": OpenCodeProgram(),
    "scripted": ScriptedProgram(),
}
"""The programs with an adapter of their own. The configuration may add others."""


def all_programs(configured: Mapping[str, Any]) -> dict[str, AgentProgram]:
    """Return the programs with an adapter of their own and the programs of the configuration.

    Raises:
        ConfigurationError: a description is wrong; the message lists all faults.
    """
    read = [read_program(name, raw) for name, raw in configured.items()]
    if faults := [fault for _, found in read for fault in found]:
        raise ConfigurationError("agent_programs cannot be used:\n- " + "\n- ".join(faults))
    described = [ConfiguredProgram(settings) for settings, _ in read if settings is not None]
    return PROGRAMS | {program.name: program for program in described}


def program(name: str, programs: Mapping[str, AgentProgram] = PROGRAMS) -> AgentProgram:
    """Return the program called ``name``.

    Raises:
        AgentProgramError: no program has this name; the message lists the known names.
    """
    try:
        return programs[name]
    except KeyError:
        known = ", ".join(sorted(programs))
        raise AgentProgramError(
            f"There is no agent program {name!r}; use one of {known}.", field="cli_tool"
        ) from None


def installed(programs: Mapping[str, AgentProgram], environment: Mapping[str, str]) -> list[str]:
    """Return the names of the programs that are installed on the agents' PATH."""
    return [name for name in sorted(programs) if _is_installed(programs[name], environment)]


def without_login(
    programs: Mapping[str, AgentProgram], names: Iterable[str], environment: Mapping[str, str]
) -> list[str]:
    """Return which of these programs the person of this host has no login for."""
    return [name for name in names if not _has_login(programs[name], environment)]


def _has_login(candidate: AgentProgram, environment: Mapping[str, str]) -> bool:
    try:
        candidate.ensure_login(environment)
    except (AgentProgramError, OSError):
        return False
    return True


def _is_installed(candidate: AgentProgram, environment: Mapping[str, str]) -> bool:
    try:
        candidate.ensure_installed(environment)
    except AgentProgramError:
        return False
    return True
