"""Bringing messages into agents' sessions."""

import logging

from hephaestus_core.agents.service import get_agent
from hephaestus_core.errors import HephaestusError
from hephaestus_core.logging import log_event
from hephaestus_core.messages import service as messages
from hephaestus_worker.host import launcher
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)


def deliver_messages(machine: Machine) -> None:
    """Give every waiting message of this host's agents to its program, oldest first, each once.

    What is not confirmed stays undelivered; the next pass, or the agent by asking, takes it.
    """
    with machine.busy.try_hold("mail") as mine:
        if not mine:
            return
        for message in messages.undelivered_on(machine.db, machine.name):
            try:
                _deliver(machine, message)
            except HephaestusError as error:
                log_event(logger, "message_put_off", message_id=message.id, reason=error.message)


def _deliver(machine: Machine, message: messages.MessageView) -> None:
    agent = get_agent(machine.db, message.recipient_agent_id)
    arrived = machine.program(agent.program).deliver(
        machine.tmux,
        launcher.session_name(str(agent.id)),
        f"[Message from {message.sender}] {message.body}",
        folder=machine.folders.agent(agent.id),
    )
    if arrived:
        messages.record_delivered(machine.db, message.id)
