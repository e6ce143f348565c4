"""End this host's agents and save their work: ``python -m hephaestus_worker.shutdown [--now]``.

Run after the worker has stopped and while the database still answers. Tasks whose agents are
ended go back to the queue from their saved work. With ``--now`` worktrees stay
unsaved, and the next worker saves them. The exit status is 1 if a process of an agent is left.
"""

import argparse
import logging
import sys

import psutil

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.logging import configure_logging, log_event
from hephaestus_core.settings.config import load_settings
from hephaestus_worker.agents.finishing import end_agent
from hephaestus_worker.git import command as git
from hephaestus_worker.git import locks
from hephaestus_worker.host import side_by_side
from hephaestus_worker.host.caretaking import wait_until_gone
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.process import open_machine
from hephaestus_worker.terminal import process_tree

logger = logging.getLogger(__name__)

#: Grace in seconds for the processes of all agents.
_GRACE = 2.0
_HURRIED_GRACE = 0.5
#: Seconds for saving; the next worker saves the rest. The process itself gets more time: see
#: hephaestus_sdk/runtime/table.py.
SAVING_SECONDS = 90.0
#: Seconds to wait for another shutdown of this host, which saves the same agents.
_OTHERS_SECONDS = 10.0
#: Agents saved at once: git waits for the disk and the network more than for the processor.
_SAVED_AT_ONCE = 4
#: Seconds for recording why agents ended.
_NOTING_SECONDS = 5.0


def end_agents(
    machine: Machine, *, hurried: bool = False, others_seconds: float = _OTHERS_SECONDS
) -> None:
    """End every agent of this host; work that cannot be saved now stays in its worktree.

    The processes end first, before any call to the database.

    Args:
        hurried: leave the saving to the next worker.
        others_seconds: how long another shutdown of this host is waited for.

    Raises:
        ProcessesLeft: a process cannot be ended.
        AgentProgramError, Unavailable: the tmux server cannot be ended.
    """
    stuck = _end_processes(machine, _HURRIED_GRACE if hurried else _GRACE)
    try:
        # For all agents first: some may not be saved in time.
        _note_all(machine)
        if not hurried:
            _save_all(machine, others_seconds)
    finally:
        try:
            machine.tmux.kill_server()
        finally:
            # A session that was being started has its processes only now.
            stuck |= _end_processes(machine, 0.0)
    living = _living(machine)
    if left := {*filter(process_tree.is_alive, stuck), *process_tree.processes_of(*living)}:
        raise process_tree.ProcessesLeft(living, left)


def _end_processes(machine: Machine, grace: float) -> set[psutil.Process]:
    """End the processes of all agents; return the agents that have some left."""
    try:
        process_tree.end_trees(_living(machine), grace=grace)
    except process_tree.ProcessesLeft as error:
        return set(error.processes)
    except Exception:  # the end of the shutdown reports leftovers
        logger.exception("agents_not_ended")
    return set()


def _living(machine: Machine) -> set[str]:
    """Return the agents of this home that have a process on this machine.

    The database cannot tell: it may be down, or may not know an agent any more.
    """
    return {folder.name for folder in machine.folders.agents.iterdir()} & (
        process_tree.marked_agents()
    )


def _save_all(machine: Machine, others_seconds: float) -> None:
    lock = HomeLayout(machine.settings.home).ending_lock
    try:
        with locks.held(lock, waiting_for="another shutdown of this host", timeout=others_seconds):
            late = side_by_side.each(
                lambda agent: _save(machine, agent),
                hosting.agents_of(machine.db, machine.name),
                threads=_SAVED_AT_ONCE,
                seconds=SAVING_SECONDS,
            )
            if late:
                git.end_all()
    except Exception:  # the tmux server is ended in any case
        logger.exception("agents_not_saved")
        return
    for agent in late:
        log_event(
            logger, "agent_not_saved", level=logging.WARNING, agent_id=agent.id, reason="too slow"
        )


def _save(machine: Machine, agent: HostAgent) -> None:
    try:
        hosting.record_interrupted(machine.db, agent.id)
        end_agent(machine, agent.id)
    except Exception:  # a failed save must not stop the others
        logger.exception("agent_not_saved agent_id=%s", agent.id)


def _note_all(machine: Machine) -> None:
    """Record that the attempts end by no fault of their own, if the database answers quickly."""

    def note(machine: Machine) -> None:
        try:
            for agent in hosting.agents_of(machine.db, machine.name):
                # An agent that is being started will be started again, and may fail by itself.
                if agent.status != AgentStatus.STARTING:
                    hosting.record_interrupted(machine.db, agent.id)
        except Exception:  # only the reason is lost
            logger.exception("end_not_noted")

    side_by_side.each(note, [machine], threads=1, seconds=_NOTING_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="hephaestus-shutdown")
    parser.add_argument("--now", action="store_true", help="save nothing")
    hurried = parser.parse_args().now
    settings = load_settings()
    configure_logging(settings.log_level)
    try:
        # Other hosts see by their next pass what waits for them.
        end_agents(open_machine(settings, send=lambda _bell: None), hurried=hurried)
        wait_until_gone(settings.home)
    except HephaestusError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
