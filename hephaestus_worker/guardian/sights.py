"""What a look at one agent finds: its screen, its log and its program's own signs."""

import time
from collections.abc import Iterable
from typing import Final

from hephaestus_core.agents.views import HostAgent, Trouble
from hephaestus_core.clock import host_seconds
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.guardian.watching import Glimpse
from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agents.sessions import Sessions, session_of
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.sights import Sight
from hephaestus_worker.terminal.tmux import LOG_BLOCKS

#: Refusals in a row after which a key is taken for refused. A login that a program renews is
#: refused once before.
REFUSALS: Final = 3
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
    heed(machine, agent, sight)
    output_age = _read_screen(machine, agent, sight)
    trouble = _refused(sight)
    if trouble is None and (failure := program.diagnose(sight.screen, None, folder=folder)):
        trouble = failure.trouble()
    return Glimpse(
        process="yes" if session_of(agent.id, sessions) == "present" else "no",
        waiting=program.is_idle(sight.screen),
        trouble=trouble,
        refused=_refused(sight) is not None,
        output_age=output_age,
        tool=sight.action,
        tool_age=time.monotonic() - sight.acted_at if sight.action else None,
        repeats=sight.repeats,
    )


def heed(machine: Machine, agent: HostAgent, sight: Sight) -> None:
    """Read the signs that the agent's program has left since the last time."""
    folder = machine.folders.agent(agent.id)
    with sight.lock:
        note_signs(sight, machine.program(agent.program).signs(folder, sight.read))


def note_signs(sight: Sight, signs: Iterable[Sign]) -> None:
    """Remember the last action, how often it was taken in a row, and what goes on until then."""
    for sign in signs:
        if sign.kind == "key_refused":
            sight.refusals, sight.refusal = sight.refusals + 1, sign.text
        elif sign.kind == "asks":
            sight.asks = sign.text
        else:
            # An answer of the model was needed for it, and the question is over.
            sight.refusals, sight.asks = 0, None
        if sign.kind == "action":
            sight.repeats = sight.repeats + 1 if sign.digest == sight.digest else 1
            sight.action, sight.digest, sight.acted_at = sign.text, sign.digest, time.monotonic()


def is_urgent(sight: Sight) -> bool:
    """Whether the next sweep is too late for what the program told."""
    return sight.refusals >= REFUSALS or sight.asks is not None


def _refused(sight: Sight) -> Trouble | None:
    if sight.refusals < REFUSALS:
        return None
    reason = f"The model's server refused the login {sight.refusals} times: {sight.refusal}"
    return Trouble(FailureClass.PERMANENT, reason, program_failed=True)


def _read_screen(machine: Machine, agent: HostAgent, sight: Sight) -> float | None:
    """Read the screen if the log has grown since; return the age of the last output in seconds."""
    folder = machine.folders.agent(agent.id)
    size, changed = agent_files.size(folder, PANE_LOG), agent_files.changed(folder, PANE_LOG)
    state = (size, changed) if size is not None else None
    if state is None or state != sight.log_state or (size or 0) >= _FULL_LOG:
        sight.screen = machine.tmux.capture(session_name(str(agent.id)))
        sight.log_state = state
    return max(0.0, host_seconds() - changed) if state else None
