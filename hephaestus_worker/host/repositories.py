"""Mirrors of repositories, each opened once per process."""

from functools import lru_cache
from pathlib import Path

from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.machine import Machine


def mirror_of(machine: Machine, repository: str) -> Mirror:
    """Return the host's mirror of ``repository``.

    Raises:
        RepositoryError: it is no repository, is empty, or cannot be reached.
    """
    return _opened(repository, machine.folders.mirrors)


@lru_cache(maxsize=64)
def _opened(repository: str, root: Path) -> Mirror:
    return Mirror.open(repository, root)
