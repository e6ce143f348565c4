"""The repository and the folder in it, from the caller's values.

The specification lets ``working_directory`` be the project's absolute path, alone or beside
``main_repo_path``; the server wants a repository and a folder inside it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_sdk.errors import InvalidInput

#: ``scheme://…``, or ``host:path`` as git also reads it.
_URL = re.compile(r"[^/]+:")


@dataclass(frozen=True)
class Place:
    """A repository and the folder inside it in which agents start."""

    repository: str | None
    working_directory: str


def locate(repository: str | None, working_directory: str, *, local: bool) -> Place:
    """Return the repository and its folder.

    Args:
        repository: a path, a URL, or None: then the repository around ``working_directory``.
        working_directory: absolute, or relative to the repository (to the current folder when
            no repository is given).
        local: the server sees this machine's files; otherwise paths are the server's own and
            unchanged.

    Raises:
        InvalidInput: ``working_directory`` is outside the repository.
    """
    if repository is None:
        return _around(working_directory) if local else _remote(working_directory)
    root = _resolved(repository) if local else repository
    folder = Path(working_directory).expanduser()
    if not folder.is_absolute():
        return Place(root, working_directory)
    try:
        inside = (folder.resolve() if local else folder).relative_to(root)
    except ValueError:
        raise InvalidInput(
            f"working_directory {working_directory} is not inside the repository "
            f"{masked_logins(repository)}; "
            "name a folder of it, or '.'",
            field="working_directory",
        ) from None
    return Place(root, inside.as_posix())


def _around(working_directory: str) -> Place:
    folder = Path(working_directory).expanduser().resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return Place(str(candidate), folder.relative_to(candidate).as_posix())
    if Path(working_directory).expanduser().is_absolute():
        return Place(str(folder), ".")  # the server names the fault
    return Place(None, working_directory)


def _remote(working_directory: str) -> Place:
    if Path(working_directory).is_absolute():
        return Place(working_directory, ".")
    return Place(None, working_directory)


def _resolved(repository: str) -> str:
    if _URL.match(repository):
        return repository
    return str(Path(repository).expanduser().resolve())
