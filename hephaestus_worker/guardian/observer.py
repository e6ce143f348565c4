"""Observes each live agent of this host for the Guardian."""

import logging
from pathlib import Path

from hephaestus_core.agents import hosting
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import session_name
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.guardian.liveness import Observation
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.logging import log_event
from hephaestus_worker.agent_programs.base import AgentProgram
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)


def observe_agents(machine: Machine) -> None:
    """Look at every live agent of this host; an agent that cannot be seen is left alone."""
    for agent in hosting.agents_of(machine.db, machine.name):
        if agent.ended or agent.status not in {AgentStatus.WORKING, AgentStatus.IDLE}:
            continue
        try:
            screen = machine.tmux.capture(session_name(str(agent.id)))
            folder = machine.folders.agent(agent.id)
            seen = _look(machine.program(agent.program), screen, folder)
        except HephaestusError as error:
            log_event(logger, "agent_not_seen", agent_id=agent.id, reason=error.message)
            continue
        record_observation(machine.db, agent.id, seen)


def _look(agent_program: AgentProgram, screen: str, folder: Path) -> Observation:
    failure = agent_program.diagnose(screen, None, folder=folder)
    return Observation(
        waiting=agent_program.is_idle(screen), trouble=failure.trouble() if failure else None
    )
