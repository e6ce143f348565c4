"""Folders inside a repository, as people name them."""

from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import plain_text

#: The most characters of a path.
PATH_LIMIT: Final = 4096


def folder_inside(path: str) -> str | None:
    """Return a folder relative to its repository's root; None if the path leads out of it.

    An absolute path means the root: it is the project's own folder on the SDK user's machine, and
    agents work in a worktree of it.
    """
    if path.startswith(("/", "~")):
        return "."
    return None if ".." in path.split("/") else path or "."


def checked_folder(value: object, field: str) -> str:
    """Return a folder inside a repository, relative to its root.

    Raises:
        InvalidInput: the path leads out of the repository.
    """
    folder = folder_inside(plain_text(value, field, limit=PATH_LIMIT))
    if folder is None:
        raise InvalidInput(
            f"'{field}' is {value!r}, which leads out of the repository; "
            "name a folder inside it, relative to its root.",
            field=field,
        )
    return folder
