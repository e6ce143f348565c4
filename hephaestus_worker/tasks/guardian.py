"""Answers to bells of the Guardian: parse, call one function, report."""

from uuid import UUID

from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.agents.metering import meter_agents
from hephaestus_worker.guardian.observer import observe_agents, observe_one
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers
from hephaestus_worker.tasks.hosts import ring_live_hosts


@answers(CeleryTaskName.GUARDIAN_SWEEP)
def sweep(machine: Machine) -> None:
    """Have every live host look at its agents."""
    ring_live_hosts(machine, CeleryTaskName.OBSERVE_HOST)


@answers(CeleryTaskName.OBSERVE_HOST)
def observe_host(machine: Machine) -> None:
    """Look at every live agent of this host, and at what it uses."""
    meter_agents(machine)
    observe_agents(machine)


@answers(CeleryTaskName.OBSERVE_AGENT)
def observe_agent(machine: Machine, agent_id: str) -> None:
    """Look at one agent, whose program has given a sign."""
    observe_one(machine, UUID(agent_id))
