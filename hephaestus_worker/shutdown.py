"""End this host's agents, their work saved: ``python -m hephaestus_worker.shutdown``.

Run after the worker has stopped and while the database still answers. Tasks whose agents are
ended go back to the queue from their saved work.
"""

import logging
import sys

from hephaestus_core.agents import hosting
from hephaestus_core.config import load_settings
from hephaestus_core.errors import HephaestusError
from hephaestus_core.logging import configure_logging, log_event
from hephaestus_worker.celery import create_app
from hephaestus_worker.host import launcher
from hephaestus_worker.host.finishing import end_agent
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.process import open_machine

logger = logging.getLogger(__name__)


def end_agents(machine: Machine) -> None:
    """End every agent of this host; what cannot be saved now keeps its worktree."""
    for agent in hosting.agents_of(machine.db, machine.name):
        try:
            hosting.record_interrupted(machine.db, agent.id)
            end_agent(machine, agent.id)
        except HephaestusError as error:
            log_event(logger, "agent_not_saved", agent_id=agent.id, reason=error.message)
            launcher.stop(str(agent.id), machine.tmux, grace=1.0)
    machine.tmux.kill_server()


def main() -> int:
    settings = load_settings()
    configure_logging(settings.log_level)
    end_agents(open_machine(settings, create_app(settings)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
