"""The signs that programs leave bring a look forward: no sweep is waited for."""

import logging
import threading
from typing import Final

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import HostAgent
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.db.engine import AWAY
from hephaestus_core.logging import log_event
from hephaestus_worker.guardian.sights import heed, is_urgent
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.sights import Sight

logger = logging.getLogger(__name__)

_PERIOD_SECONDS: Final = 1.5
_WATCHED: Final = {AgentStatus.WORKING, AgentStatus.IDLE}


class Signals(threading.Thread):
    """Reads the signs of all live agents again and again, until the worker stops."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(name="signals", daemon=True)
        self._machine = machine

    def run(self) -> None:
        """Read; whatever goes wrong, the sweep looks as well."""
        while not self._machine.stopping.wait(_PERIOD_SECONDS):
            try:
                read_signals(self._machine)
            except AWAY:
                continue
            except Exception:
                logger.exception("signals_not_read")


def read_signals(machine: Machine) -> None:
    """Read the new signs of all live agents; have those looked at whose signs cannot wait."""
    for agent in hosting.agents_of(machine.db, machine.name):
        if not agent.ended and agent.status in _WATCHED and _cannot_wait(machine, agent):
            log_event(logger, "look_brought_forward", agent_id=agent.id)
            here = host_queue(machine.name)
            machine.send(Bell(CeleryTaskName.OBSERVE_AGENT, here, (str(agent.id),)))


def _cannot_wait(machine: Machine, agent: HostAgent) -> bool:
    sight = machine.sights.setdefault(agent.id, Sight())
    before = is_urgent(sight)
    heed(machine, agent, sight)
    if sight.unsure or (is_urgent(sight) and not before):
        return True
    if sight.retry_looks > 0:
        sight.retry_looks -= 1
        return True
    return False
