"""Branch names that git accepts and cannot misread."""

import re
from typing import Final

from hephaestus_core.contract.errors import RepositoryError

_BAD: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|\.$|/$|^[/.-]")
_LONGEST: Final = 240


def check_branch(name: str, *, field: str = "branch") -> str:
    """Return the branch name unchanged.

    Raises:
        RepositoryError: git would refuse the name or misread it.
    """
    long = len(name.encode(errors="replace")) > _LONGEST
    if not name or long or name in {"@", "HEAD"} or _BAD.search(name):
        shown = repr(name[:_LONGEST])
        raise RepositoryError(
            f"{shown} cannot be the name of a branch. Give a name such as 'main', "
            "without spaces, control characters, '..', ':' or a leading '-'.",
            field=field,
        )
    return name


def branch_slug(name: str) -> str:
    """Return ``name`` as part of a branch name: lower case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "workflow"
