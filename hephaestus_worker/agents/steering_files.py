"""What the repository tells agent programs is kept from the agents that judge.

Whoever wrote the work may have written it too: a hook or a plugin would run in the judge's program,
and an instruction would stand among those of its system.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hephaestus_core.contract.agent_settings import AGENT_SETTINGS, READ_AS_SETTINGS
from hephaestus_core.contract.errors import RepositoryError

#: The names of files and folders that the checkout of a judge is made without.
STEERING: Final = (*AGENT_SETTINGS, *READ_AS_SETTINGS)
_LOWERED: Final = frozenset(name.lower() for name in STEERING)


def remove_made(worktree: Path) -> None:
    """Delete what a set-up, a hook or a submodule has put there under these names.

    Raises:
        RepositoryError: one of them cannot be deleted.
    """
    for folder, folders, files in os.walk(worktree):
        steering = {each for each in (*folders, *files) if _steers(Path(folder).name, each)}
        for name in steering:
            try:
                _delete(Path(folder, name))
            except OSError as error:
                raise RepositoryError(
                    f"{Path(folder, name)} could steer the reviewer and cannot be deleted: {error}."
                    " Delete it, or keep the set-up command from making it."
                ) from error
        folders[:] = [each for each in folders if each not in steering and each != ".git"]


def _steers(around: str, name: str) -> bool:
    return not _LOWERED.isdisjoint({name.lower(), f"{around}/{name}".lower()})


def _delete(path: Path) -> None:
    try:
        _delete_once(path)
    except PermissionError:
        # Package caches are often write-protected; they may be deleted all the same.
        for folder in (path.parent, *_folders(path)):
            folder.chmod(stat.S_IRWXU)
        _delete_once(path)


def _delete_once(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def _folders(path: Path) -> Iterator[Path]:
    """Return the folder and those in it, each before it is opened; none for a file or a link."""
    if path.is_dir() and not path.is_symlink():
        yield path
        for inner in path.iterdir():
            yield from _folders(inner)
