"""Ending what runs in the name of an agent that no row knows."""

import logging

from hephaestus_core.contract.errors import AgentProgramError, RepositoryError, Unavailable
from hephaestus_core.contract.statuses import OrphanKind
from hephaestus_core.hosts import orphans
from hephaestus_core.logging import log_event
from hephaestus_worker.agents import launcher
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)


def end_session(machine: Machine, agent_id: str) -> None:
    """End the session and all processes; save the work first. The terminal's log stays.

    Raises:
        AgentProgramError, Unavailable: they cannot be ended.
    """
    # Saved twice: before, since after a crash nobody would know the session; and after, since its
    # processes may have written more until they ended.
    _save(machine, agent_id)
    try:
        launcher.stop(agent_id, machine.tmux, grace=1.0)
    finally:
        _save(machine, agent_id)


def record_session(machine: Machine, agent_id: str) -> None:
    """Record the first sighting of a session that no agent of this host has."""
    kind, where = OrphanKind.SESSION, f"tmux -L {machine.tmux.socket_name}"
    orphans.record_found(machine.db, machine.name, kind, agent_id, place=where, size=None)


def end_recorded_session(machine: Machine, agent_id: str) -> None:
    """End such a session and record that; one that cannot be ended is tried again."""
    try:
        end_session(machine, agent_id)
    except (AgentProgramError, Unavailable) as error:
        # A session that cannot be ended must not stop the host's other work.
        log_event(logger, "stranger_left", level=logging.ERROR, reason=error.message)
        return
    place = str(machine.folders.agents / agent_id)
    for row in orphans.known(machine.db, machine.name):
        if (row.kind, row.name) == (OrphanKind.SESSION, agent_id):
            orphans.record_quarantined(machine.db, row.id, place=place)


def _save(machine: Machine, agent_id: str) -> None:
    """Save the work of an agent that no row knows to the branch of its worktree."""
    # By its worktree: people may name their sessions as they like.
    worktree = {folder.name: folder for folder in machine.folders.worktrees.iterdir()}.get(agent_id)
    if worktree is None or not worktrees.is_made(worktree):
        return
    try:
        message = f"Work of agent {agent_id}, which this host did not know"
        worktrees.save(worktree, message=message, rules=machine.saving_rules)
    except (RepositoryError, OSError) as error:  # the worktree stays, with all that is in it
        log_event(
            logger, "stranger_not_saved", level=logging.ERROR, worktree=worktree, reason=error
        )
