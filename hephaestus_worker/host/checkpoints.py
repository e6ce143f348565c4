"""Saving the work of live agents while they go on, where another host can find it."""

import logging
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.agents.service import get_agent
from hephaestus_core.errors import StaleAttempt
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.logging import log_event
from hephaestus_worker.host import worktrees
from hephaestus_worker.host.machine import Machine, working_on
from hephaestus_worker.host.repositories import mirror_of

logger = logging.getLogger(__name__)


def checkpoint_agent(machine: Machine, agent_id: UUID) -> None:
    """Save what the agent has done so far; tasks that waited for it are queued.

    Neither the agent's index nor its branch is touched: the snapshot is a commit of its own.

    Raises:
        RepositoryError: the origin cannot take the work now; the next pass tries again.
    """
    with working_on(machine, agent_id) as mine:
        agent = get_agent(machine.db, agent_id)
        worktree = machine.folders.worktree(agent_id)
        if not mine or agent.ended_at is not None or not worktree.exists():
            return
        mirror = mirror_of(machine, get_workflow(machine.db, agent.workflow_id).repository)
        base = agent.commit or agent.base_commit
        commit = worktrees.snapshot(worktree, message=f"Checkpoint of task {agent.task_id}")
        if commit != base:
            worktrees.publish(mirror, commit, agent.branch)
        try:
            hosting.record_checkpoint(machine.db, agent_id, fence=agent.fence, commit=commit)
        except StaleAttempt:
            log_event(logger, "checkpoint_refused", agent_id=agent_id)


def checkpoint_all(machine: Machine) -> None:
    """Save the work of every live agent of this host."""
    for agent in hosting.agents_of(machine.db, machine.name):
        if not agent.ended and agent.state not in {"starting", "stopping"}:
            checkpoint_agent(machine, agent.id)
