"""Answers to bells about single agents: parse, call one function, report."""

from uuid import UUID

from hephaestus_core.bells import CeleryTaskName
from hephaestus_worker.agents import checkpoints, finishing, mail, starting
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.passes.reconcile import reconcile
from hephaestus_worker.tasks.answers import answers


@answers(CeleryTaskName.START_AGENT)
def start_agent(machine: Machine, agent_id: str) -> None:
    """Start a claimed agent; a second delivery finds it working."""
    starting.start_agent(machine, UUID(agent_id))


@answers(CeleryTaskName.FINISH_AGENT)
def finish_agent(machine: Machine, agent_id: str) -> None:
    """End an agent and save its work, then make a pass; a second delivery finds it gone."""
    if finishing.finish_agent(machine, UUID(agent_id)):
        reconcile(machine)  # its slot is taken first; then its work is merged


@answers(CeleryTaskName.CHECKPOINT_AGENT)
def checkpoint_agent(machine: Machine, agent_id: str) -> None:
    """Save a live agent's work, and release the tasks that wait for it."""
    checkpoints.checkpoint_agent(machine, UUID(agent_id))


@answers(CeleryTaskName.DELIVER_MESSAGES)
def deliver_messages(machine: Machine, agent_id: str) -> None:
    """Give an agent its messages; a second delivery finds none."""
    mail.deliver_messages(machine, UUID(agent_id))
