"""Repositories that belong to another user, which git refuses until this user trusts them."""

import os
import pwd
import shlex
from typing import Final

from hephaestus_core.contract.errors import RepositoryError

_REFUSED: Final = "dubious ownership in repository at '"


def refusal(shown: str, said: str) -> RepositoryError | None:
    """Return the error for a repository of another user; None if git said something else.

    Args:
        shown: the repository, for the message.
        said: git's error output, in English.
    """
    ends = (line.partition(_REFUSED)[2] for line in said.split("\n"))
    path = next((end.removesuffix("'") for end in ends if end.endswith("'")), None)
    if path is None:
        return None
    user = _user()
    return RepositoryError(
        f"{shown} belongs to another user, so git refuses it to '{user}', the user of the worker. "
        f"Trust it with `git config --global --add safe.directory {shlex.quote(path)}` as "
        f"'{user}', in the worker's container if it has one, or give the folder to '{user}'.",
        field="main_repo_path",
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container may run as a user without a name
        return str(os.geteuid())
