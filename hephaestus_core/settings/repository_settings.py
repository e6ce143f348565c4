"""Settings of single repositories: the commands that make a place where their tests run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import masked_logins, taken_apart
from hephaestus_core.contract.spelling import nearest


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


def settings_of(settings: Mapping[str, Any], repository: str) -> RepositorySettings:
    """Return the settings of one repository: those under its path, or under its URL.

    Args:
        settings: the value of ``repositories``, which has no faults.
        repository: a path, or a URL without a login.
    """
    wanted = _place(repository)
    found = (raw for name, raw in settings.items() if _place(str(name)) == wanted)
    return RepositorySettings(**next(found, {}))


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
        elif not isinstance(value, str):
            faults.append(f"'{shown}': expected '{key}' to be a text (found {value!r})")
    return faults


def _place(repository: str) -> str:
    """Return the one spelling of a repository that all its spellings share."""
    if "://" in repository:
        return taken_apart(repository)[0].rstrip("/").removesuffix(".git")
    # A path of another machine has no links here, and stays as it is.
    return os.path.realpath(Path(repository).expanduser())
