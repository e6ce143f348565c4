"""Settings of single repositories: the commands that make a place where their tests run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import masked_logins, taken_apart
from hephaestus_core.contract.spelling import nearest

#: Settings that are lists of paths in the repository; each is of use with the other alone.
_PATHS: Final = ("setup_keeps", "setup_reads")


@dataclass(frozen=True, kw_only=True)
class RepositorySettings:
    """The commands of one repository, each for a shell; empty: none."""

    setup_command: str = ""
    """Makes a fresh worktree ready, such as ``npm ci``."""
    test_command: str = ""
    """Runs all tests."""
    lint_command: str = ""
    """Checks style."""
    after_create: str = ""
    """Runs in each new worktree, before the set-up."""
    before_remove: str = ""
    """Runs in each worktree before it is removed, once its work is saved."""
    setup_keeps: tuple[str, ...] = ()
    """Folders that the set-up makes, whose copies serve further worktrees."""
    setup_reads: tuple[str, ...] = ()
    """Files that alone decide what is in these folders, such as ``package-lock.json``."""


def settings_of(settings: Mapping[str, Any], repository: str) -> RepositorySettings:
    """Return the settings of one repository: those under its path, or under its URL.

    Args:
        settings: the value of ``repositories``, which has no faults.
        repository: a path, or a URL without a login.
    """
    wanted = _place(repository)
    found = (raw for name, raw in settings.items() if _place(str(name)) == wanted)
    raw = dict(next(found, {}))
    for key in _PATHS:
        raw[key] = tuple(str(PurePosixPath(each)) for each in raw.get(key, ()))
    return RepositorySettings(**raw)


def read_repository(name: str, raw: Any) -> list[str]:
    """Return all faults of the settings of one repository."""
    shown = masked_logins(name)
    faults = []
    try:
        if taken_apart(name)[1] is not None:
            faults.append(f"'{shown}': leave the login out")
    except RepositoryError as error:
        faults.append(error.message)
    if not isinstance(raw, Mapping):
        return [*faults, f"'{shown}': expected names with values (found {raw!r})"]
    known = [field.name for field in fields(RepositorySettings)]
    for key, value in raw.items():
        if key not in known:
            faults.append(f"'{shown}': unknown key '{key}'{nearest(str(key), known)}")
        elif key in _PATHS:
            if not (isinstance(value, list) and value and all(map(_is_inner_path, value))):
                faults.append(
                    f"'{shown}': expected '{key}' to be a list of paths in the repository, "
                    f"relative and without '..' (found {value!r})"
                )
        elif not isinstance(value, str):
            faults.append(f"'{shown}': expected '{key}' to be a text (found {value!r})")
    given = [key for key in _PATHS if key in raw]
    if len(given) == 1:
        [missing] = set(_PATHS) - set(given)
        faults.append(f"'{shown}': '{given[0]}' needs '{missing}'; give both, or none")
    return faults


def _is_inner_path(value: Any) -> bool:
    if not isinstance(value, str) or "\0" in value:
        return False
    path = PurePosixPath(value)
    return bool(path.parts) and not path.is_absolute() and not {"..", ".git"} & set(path.parts)


def _place(repository: str) -> str:
    """Return the one spelling of a repository that all its spellings share."""
    if "://" in repository:
        return taken_apart(repository)[0].rstrip("/").removesuffix(".git")
    # A path of another machine has no links here, and stays as it is.
    return os.path.realpath(Path(repository).expanduser())
