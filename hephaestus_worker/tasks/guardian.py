"""Answers to bells of the Guardian: parse, call one function, report."""

from uuid import UUID

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.conductor import service as conductor
from hephaestus_core.diagnoses import service as diagnoses
from hephaestus_core.diagnoses.service import rhythm_of
from hephaestus_core.guardian.following_up import follow_up
from hephaestus_worker.agents.metering import meter_agents
from hephaestus_worker.guardian.judging import judge_agents
from hephaestus_worker.guardian.observer import observe_agents, observe_one
from hephaestus_worker.guardian.overlaps import look_up_lines
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers
from hephaestus_worker.tasks.hosts import ring_live_hosts


@answers(CeleryTaskName.GUARDIAN_SWEEP)
def sweep(machine: Machine) -> None:
    """Have every live host look at its agents; look at workflows and at earlier judgements."""
    ring_live_hosts(machine, CeleryTaskName.OBSERVE_HOST)
    conductor.look(machine.db, conductor.conduct_of(machine.settings))
    follow_up(machine.db)
    diagnoses.start_due(machine.db, rhythm_of(machine.settings))


@answers(CeleryTaskName.OBSERVE_HOST)
def observe_host(machine: Machine) -> None:
    """Look at every live agent of this host, at what it uses, and at its way to its goal."""
    meter_agents(machine)
    observe_agents(machine)
    look_up_lines(machine)
    judge_agents(machine)


@answers(CeleryTaskName.OBSERVE_AGENT)
def observe_agent(machine: Machine, agent_id: str) -> None:
    """Look at one agent, whose program has given a sign."""
    observe_one(machine, UUID(agent_id))
