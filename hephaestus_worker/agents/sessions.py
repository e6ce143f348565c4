"""The tmux sessions of this host's agents."""

import logging
from uuid import UUID

from hephaestus_core.agents.rules import Session
from hephaestus_core.contract.errors import AgentProgramError, Unavailable
from hephaestus_core.contract.home import session_name
from hephaestus_core.logging import log_event
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal.tmux import SessionInfo

logger = logging.getLogger(__name__)

Sessions = dict[str, SessionInfo]


def look(machine: Machine) -> Sessions | None:
    """Return tmux's sessions; None if tmux did not answer, which says nothing about the agents."""
    try:
        return machine.tmux.sessions()
    except (AgentProgramError, Unavailable) as error:
        log_event(logger, "tmux_silent", level=logging.WARNING, reason=error.message)
        return None


def session_of(agent_id: UUID, sessions: Sessions | None) -> Session:
    """Return whether the agent's session exists and its program still runs."""
    if sessions is None:
        return "unknown"
    info = sessions.get(session_name(str(agent_id)))
    return "gone" if info is None or info.dead else "present"
