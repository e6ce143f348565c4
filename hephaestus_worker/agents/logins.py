"""Logins of agent programs that agents in sandboxes share with the person."""

import logging

from hephaestus_core.clock import utcnow
from hephaestus_core.logging import log_event
from hephaestus_worker.agent_programs.claude import program as claude
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal.environment import agent_environment

logger = logging.getLogger(__name__)


def keep_logins(machine: Machine) -> None:
    """Bring renewals of logins from agents to the person, and back."""
    if not machine.enclosure.holds_files:
        return
    environment = agent_environment(machine.settings.agent_environment)
    try:
        claude.exchange_login(environment, machine.folders.logins, now=utcnow())
    except OSError as error:
        log_event(logger, "login_not_exchanged", level=logging.WARNING, reason=error)
