"""The agent programs that hosts can run, by name."""

from hephaestus_core.errors import AgentProgramError
from hephaestus_worker.agent_programs.base import AgentProgram
from hephaestus_worker.agent_programs.claude import ClaudeProgram
from hephaestus_worker.agent_programs.codex import CodexProgram
from hephaestus_worker.agent_programs.opencode import OpenCodeProgram
from hephaestus_worker.agent_programs.scripted import ScriptedProgram

PROGRAMS: dict[str, AgentProgram] = {
    "claude": ClaudeProgram(),
    "codex": CodexProgram(),
    "opencode": OpenCodeProgram(),
    "scripted": ScriptedProgram(),
}


def program(name: str) -> AgentProgram:
    """Return the program of that name.

    Raises:
        AgentProgramError: there is none; the message names those there are.
    """
    try:
        return PROGRAMS[name]
    except KeyError:
        known = ", ".join(sorted(PROGRAMS))
        raise AgentProgramError(
            f"There is no agent program {name!r}; use one of {known}.", field="cli_tool"
        ) from None
