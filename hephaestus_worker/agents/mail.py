"""Delivering messages to agents' sessions, outside the pass, because programs may be slow."""

import logging
from functools import partial
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import delivery_bell
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import session_name
from hephaestus_core.logging import log_event
from hephaestus_core.messages import service as messages
from hephaestus_core.messages.recipients import recipients_on
from hephaestus_core.messages.rules import RECEIVING, pasted_text
from hephaestus_core.messages.views import MessageView
from hephaestus_core.terminals import keyboards
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)


def ring_recipients(machine: Machine) -> None:
    """Ring for each agent of this host with an undelivered message and no delivery in progress."""
    for agent_id in recipients_on(machine.db, machine.name):
        if not machine.busy.held(_key(agent_id)):
            _ring(machine, agent_id)


def _ring(machine: Machine, agent_id: UUID) -> None:
    machine.send(delivery_bell(machine.name, agent_id))


def deliver_messages(machine: Machine, agent_id: UUID) -> None:
    """Deliver an agent's messages, oldest first, up to the first that does not arrive.

    That message stays undelivered: a later pass tries it again, or the agent fetches it. If too
    many deliveries run already, the agent stands in line, and the end of one rings for it.
    """
    with machine.mail.try_acquire(agent_id, partial(_ring, machine)) as mine:
        if mine:
            _deliver_all(machine, agent_id)


def _deliver_all(machine: Machine, agent_id: UUID) -> None:
    key = _key(agent_id)
    while not machine.stopping.is_set():
        with machine.busy.try_acquire(key, again=True) as mine:
            if not mine:
                return
            machine.busy.take_refused(key)
            arrived = _deliver_next(machine, agent_id)
        if not arrived and not machine.busy.take_refused(key):
            return


def _deliver_next(machine: Machine, agent_id: UUID) -> bool:
    """Deliver the next message; return whether there was one and it arrived."""
    agent = hosting.attempt_of(machine.db, agent_id)
    if agent.host != machine.name or agent.status not in RECEIVING:
        return False
    message = messages.next_for(machine.db, agent_id)
    # A paste would go into the middle of what a person types there.
    if message is None or keyboards.is_held(machine.db, agent_id):
        return False
    arrived = _deliver(machine, agent, message)
    if arrived:
        messages.record_delivered(machine.db, message.id, agent_id)
        return True
    messages.put_off(machine.db, message.id, agent_id, pasted=arrived is not None)
    return False


def _deliver(machine: Machine, agent: AgentView, message: MessageView) -> bool | None:
    """Deliver a message; return the same as :meth:`AgentProgram.deliver`, None after an error."""
    program, session = machine.program(agent.program), session_name(str(agent.id))
    try:
        for key in program.interrupt_keys if message.interrupts else ():
            machine.tmux.send_keys(session, key)
        return program.deliver(
            machine.tmux,
            session,
            pasted_text(message.id, message.text, sender=message.sender, kind=message.sender_kind),
            folder=machine.folders.agent(agent.id),
        )
    except HephaestusError as error:
        log_event(logger, "message_put_off", message_id=message.id, reason=error.message)
        return None


def _key(agent_id: UUID) -> str:
    return f"mail {agent_id}"
