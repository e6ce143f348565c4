"""Checkpoints: the work of live agents, committed and pushed to the origin for other hosts."""

import logging
from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.agents.uncommitted import record_uncommitted
from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.changes.diffs import record_attempt_diff
from hephaestus_core.contract.diffs import Diff
from hephaestus_core.contract.errors import RepositoryError, StaleAttempt
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.lifecycle.service import repository_of
from hephaestus_core.logging import log_event
from hephaestus_core.reviews.left_out import record_left_out
from hephaestus_worker.git.merging.branches import uncommitted_branch
from hephaestus_worker.git.merging.differences import between
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine, paused_on_failure, working_on
from hephaestus_worker.host.repositories import mirror_of

logger = logging.getLogger(__name__)


def checkpoint_agent(machine: Machine, agent_id: UUID) -> None:
    """Save the agent's work so far, and queue the tasks that waited for it.

    The work becomes a commit of the attempt's branch. That commit is the common ancestor of tasks
    that start from it and of the agent's later work, so they merge without false conflicts.

    Raises:
        RepositoryError: the origin cannot take the work now; later passes try again, after growing
            pauses.
    """
    with working_on(machine, agent_id) as mine:
        agent = hosting.attempt_of(machine.db, agent_id)
        worktree = machine.folders.worktree(agent.worktree_id)
        if mine and agent.ended_at is None and worktrees.is_made(worktree):
            with paused_on_failure(machine, CeleryTaskName.CHECKPOINT_AGENT, agent_id):
                _checkpoint_until_awaited_by_none(machine, agent)


def _checkpoint_until_awaited_by_none(machine: Machine, agent: AgentView) -> None:
    mirror = mirror_of(machine, repository_of(machine.db, agent.workflow_id))
    try:
        while not _checkpoint(machine, mirror, agent):
            pass  # A task was created meanwhile; its bell was ignored, because this call runs.
    except StaleAttempt:
        log_event(logger, "checkpoint_refused", agent_id=agent.id)


def _checkpoint(machine: Machine, mirror: Mirror, agent: AgentView) -> bool:
    """Save the work once; return whether no task waits for it any more."""
    waiting = hosting.waiting_for(machine.db, agent.id)
    saved = save_work(machine, mirror, agent, f"Checkpoint of task {agent.task_id}")
    commit = saved.commit or _base(agent)
    hosting.record_checkpoint(
        machine.db, agent.id, fence=agent.fence, commit=commit, waiting=waiting
    )
    if hosting.attempt_of(machine.db, agent.id).asked_done_at is not None:
        record_diff_of(machine, mirror, agent, commit)
    if not machine.settings.auto_commit:
        record_uncommitted(machine.db, agent.id, commit=saved.uncommitted)
    if saved.left_out or agent.left_out:
        folder = str(machine.folders.worktree(agent.worktree_id))
        record_left_out(machine.db, agent.id, left_out=saved.left_out, folder=folder)
    return not hosting.waiting_for(machine.db, agent.id)


def record_diff_of(
    machine: Machine, mirror: Mirror, agent: AgentView, tip: str | None
) -> Diff | None:
    """Record the attempt's diff; None if the commits cannot be compared, which loses no work."""
    if tip is None or agent.base_commit is None:
        return None
    try:
        diff = between(mirror, agent.base_commit, tip)
    except RepositoryError as error:
        log_event(logger, "diff_not_recorded", agent_id=agent.id, reason=error.message)
        return None
    record_attempt_diff(machine.db, agent.id, diff)
    return diff


@dataclass(frozen=True)
class SavedWork:
    """An agent's work in the origin; `commit` is None if nothing was changed.

    From the second attempt on, `commit` is always given: it may hold work of earlier attempts that
    none of them has reported.
    """

    commit: str | None
    left_out: tuple[LeftOut, ...] = ()
    uncommitted: str | None = None
    lost: str | None = None
    unread: str | None = None


def save_work(machine: Machine, mirror: Mirror, agent: AgentView, message: str) -> SavedWork:
    """Save the agent's work by the host's rules and push it to the origin.

    Raises:
        RepositoryError: a file cannot be read, or the origin cannot take the work now.
    """
    worktree = machine.folders.worktree(agent.worktree_id)
    try:
        saved = worktrees.save(worktree, message=message, rules=machine.saving_rules)
        if saved.uncommitted is not None:
            _push(mirror, saved.uncommitted, uncommitted_branch(agent.branch))
        commit = _pushed(saved.tip, mirror, agent)
        return SavedWork(commit, saved.left_out, saved.uncommitted, saved.lost, saved.unread)
    except OSError as error:
        raise RepositoryError(
            f"The work in {worktree} could not be saved: {error}. Correct the cause on this host.",
            details={"transient": not isinstance(error, PermissionError)},
        ) from error


def _pushed(tip: str, mirror: Mirror, agent: AgentView) -> str | None:
    """Push the newest commit; return it, or None if a first attempt has changed nothing."""
    if tip == agent.base_commit and agent.attempt == 1:
        return None
    _push(mirror, tip, agent.branch)
    return tip


def _push(mirror: Mirror, commit: str, branch: str) -> None:
    known = mirror.tip(branch)
    if commit != known and not mirror.push(commit, branch, expected=known):
        # A later try compares with the branch's new position.
        raise RepositoryError(
            f"Branch '{branch}' of {mirror.source.shown} belongs to one attempt only, but "
            "is locked or was moved by another process. Move that work to another branch, "
            "and delete a lock that a killed git has left.",
            details={"transient": True},
        )


def _base(agent: AgentView) -> str:
    assert agent.base_commit is not None, "a worktree is made from a commit"
    return agent.base_commit


def checkpoint_all(machine: Machine) -> None:
    """Save the work of every live agent of this host."""
    for agent in hosting.agents_of(machine.db, machine.name):
        if not agent.ended and agent.status not in {AgentStatus.STARTING, AgentStatus.STOPPING}:
            try:
                checkpoint_agent(machine, agent.id)
            except RepositoryError as error:
                log_event(logger, "checkpoint_put_off", agent_id=agent.id, reason=error.message)
