"""Work that cannot be saved now: it stays on this host, and its attempt may end without it."""

import logging
from typing import Final

from hephaestus_core.agents import unsaved
from hephaestus_core.agents.views import AgentView, Ending, Trouble
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.logging import log_event
from hephaestus_core.reviews.endings import record_ended
from hephaestus_worker.agents import launcher
from hephaestus_worker.agents.host_failures import fault_of
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.origin import PushRefused, RefLocked
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)

#: Seconds that an attempt waits out a failure that may pass: a network, a lock, a full disk, an
#: origin that is away or refuses.
PATIENCE: Final = 600.0

#: Parts of git's messages about a repository that is not there.
_GONE: Final = (
    "not a git repository",
    "does not appear to be a git repository",
    "epository not found",
)


def keep(machine: Machine, agent: AgentView, error: RepositoryError) -> None:
    """Record why the agent's work could not be saved; end the attempt if waiting cannot help.

    Worktree and branch stay as they are, so that later passes can save them.
    """
    worktree = machine.folders.worktree(agent.worktree_id)
    waited = unsaved.record_save_failed(
        machine.db, agent.id, reason=error.message, path=str(worktree)
    )
    if agent.ended_at is not None or (may_pass(error) and waited < PATIENCE):
        return
    kept = worktrees.is_made(worktree)
    ending = Ending(
        commit=None,
        exit_code=launcher.exit_status(machine.folders.agent(agent.id)),
        trouble=_trouble(machine, error, kept_at=str(worktree) if kept else None),
        kept_at=str(worktree) if kept else None,
    )
    if record_ended(machine.db, agent.id, fence=agent.fence, ending=ending):
        log_event(
            logger,
            "work_kept",
            level=logging.WARNING,
            agent_id=agent.id,
            path=worktree,
            reason=error.message,
        )


def may_pass(error: RepositoryError) -> bool:
    """Return whether waiting may help."""
    passing = isinstance(error, git.GitError | PushRefused)
    return passing or bool(error.details.get("transient"))


def _stays(error: RepositoryError) -> bool:
    """Return whether another attempt would meet the same failure, which has not passed so far."""
    if isinstance(error, PushRefused):
        return not isinstance(error, RefLocked)
    if isinstance(error, git.GitError):
        return any(words in error.stderr for words in _GONE)
    return error.details.get("fault") == "missing"


def _trouble(machine: Machine, error: RepositoryError, *, kept_at: str | None) -> Trouble:
    place = (
        f" Until then the work is kept on host '{machine.name}' in {kept_at}, and is saved from "
        "there as soon as that is possible."
        if kept_at
        else ""
    )
    if not may_pass(error) or _stays(error):
        return Trouble(FailureClass.PERMANENT, f"{error.message}{place}")
    fault = fault_of(machine, error)
    class_ = FailureClass.TRANSIENT if fault is None else FailureClass.HOST
    return Trouble(class_, f"{error.message}{place}", of_repository=fault == "repository")
