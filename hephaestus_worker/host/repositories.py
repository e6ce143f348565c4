"""Mirrors of repositories, looked at before each use: mirror and origin may go at any moment."""

import logging

from hephaestus_core.logging import log_event
from hephaestus_core.repositories.service import login_of
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees.restoring import restore
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)


def mirror_of(machine: Machine, repository: str) -> Mirror:
    """Return the host's mirror of ``repository``, with the login that was last given for it.

    It is made again if it was deleted or damaged.

    Raises:
        RepositoryError: it is no repository, is empty, or cannot be reached.
    """
    login = login_of(machine.db, repository) if "://" in repository else None
    mirror = Mirror.of(repository, machine.folders.mirrors, login)
    lost: list[str] = []
    worktrees = machine.folders.worktrees
    if mirror.ensure(lambda new: lost.extend(restore(new, mirror.path, worktrees))):
        log_event(logger, "mirror_made", path=mirror.path, origin=mirror.source.shown)
    for sentence in lost:
        log_event(logger, "work_lost", level=logging.WARNING, reason=sentence)
    return mirror
