"""What a look at one agent finds: its screen, its log and its program's own signs."""

import time
from collections.abc import Iterable
from typing import Final

from hephaestus_core.agents.views import HostAgent
from hephaestus_core.clock import host_seconds
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.guardian.watching import Glimpse
from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agents.sessions import Sessions, session_of
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.sights import Sight
from hephaestus_worker.terminal.tmux import LOG_BLOCKS

#: Size of a full log, which grows no more.
_FULL_LOG: Final = 512 * LOG_BLOCKS


def glimpse(machine: Machine, agent: HostAgent, sessions: Sessions) -> Glimpse:
    """Look at an agent.

    Raises:
        NotFound: its session ended meanwhile.
        AgentProgramError: tmux refused.
        Unavailable: tmux did not answer.
    """
    sight = machine.sights.setdefault(agent.id, Sight())
    folder = machine.folders.agent(agent.id)
    program = machine.program(agent.program)
    note_signs(sight, program.signs(folder, sight.read))
    output_age = _read_screen(machine, agent, sight)
    failure = program.diagnose(sight.screen, None, folder=folder)
    return Glimpse(
        process="yes" if session_of(agent.id, sessions) == "present" else "no",
        waiting=program.is_idle(sight.screen),
        trouble=failure.trouble() if failure else None,
        output_age=output_age,
        tool=sight.action,
        tool_age=time.monotonic() - sight.acted_at if sight.action else None,
        repeats=sight.repeats,
    )


def note_signs(sight: Sight, signs: Iterable[Sign]) -> None:
    """Remember the last action, and how often it was taken in a row."""
    for sign in signs:
        if sign.kind != "action":
            continue
        sight.repeats = sight.repeats + 1 if sign.digest == sight.digest else 1
        sight.action, sight.digest, sight.acted_at = sign.text, sign.digest, time.monotonic()


def _read_screen(machine: Machine, agent: HostAgent, sight: Sight) -> float | None:
    """Read the screen if the log has grown since; return the age of the last output in seconds."""
    folder = machine.folders.agent(agent.id)
    size, changed = agent_files.size(folder, PANE_LOG), agent_files.changed(folder, PANE_LOG)
    state = (size, changed) if size is not None else None
    if state is None or state != sight.log_state or (size or 0) >= _FULL_LOG:
        sight.screen = machine.tmux.capture(session_name(str(agent.id)))
        sight.log_state = state
    return max(0.0, host_seconds() - changed) if state else None
