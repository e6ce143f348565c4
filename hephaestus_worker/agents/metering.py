"""Metering: what agents of this host use goes from their programs' files into the ledger."""

import logging
from collections.abc import Collection
from typing import Final, NamedTuple
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.budgets import checking as budgets
from hephaestus_core.contract.errors import AgentProgramError, HephaestusError
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.logging import log_event
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)

#: Most readings of an agent that has ended: 1 GB.
_LAST_READINGS: Final = 64


def meter_agents(machine: Machine) -> None:
    """Record what every live agent of this host has used since the last call.

    Agents whose budget is spent are ended then.
    """
    agents = hosting.agents_of(machine.db, machine.name)
    _forget_all_but(machine, {agent.id for agent in agents})
    live = [agent for agent in agents if not agent.ended]
    answered = set()
    for agent in live:
        try:
            if meter(machine, agent.id, agent.program).news:
                answered.add(agent.id)
        except HephaestusError as error:
            log_event(logger, "agent_not_metered", agent_id=agent.id, reason=error.message)
    budgets.check(machine.db, [agent.id for agent in live], answered=answered)


def _forget_all_but(machine: Machine, known: Collection[UUID]) -> None:
    """Forget agents that another host has taken over, or that ended while they were metered."""
    # A copy: ends of agents add to it meanwhile.
    for agent_id in [each for each in list(machine.metered) if each not in known]:
        machine.metered.pop(agent_id, None)


class Metered(NamedTuple):
    """One reading of what an agent has used."""

    news: bool
    """Its model has answered since the last one."""
    more: bool
    """There is more to read."""


def meter(machine: Machine, agent_id: UUID, program: str) -> Metered:
    """Record what an agent has used since the last call.

    How far its files were read is known to this process only: after a restart they are read from
    their beginning, and the ledger knows what it has.
    """
    after = machine.metered.get(agent_id, {})
    reading = machine.program(program).turns(machine.folders.agent(agent_id), after)
    news = record_turns(machine.db, agent_id, reading.turns, machine.settings.agent_prices)
    machine.metered[agent_id] = reading.after
    return Metered(news, reading.more)


def meter_ended(machine: Machine, agent_id: UUID, program: str) -> None:
    """Record all that an agent has used whose processes have ended."""
    try:
        for _ in range(_LAST_READINGS):
            if not meter(machine, agent_id, program).more:
                break
    except AgentProgramError as error:  # its end must not wait for a program that is set no more
        log_event(logger, "agent_not_metered", agent_id=agent_id, reason=error.message)
    machine.metered.pop(agent_id, None)
    budgets.check(machine.db, [agent_id], answered=())
