"""The rules of tokens: names, roles, scopes, lifetimes. No IO."""

import re
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, get_args

from hephaestus_core.contract.errors import Forbidden, InvalidInput
from hephaestus_core.contract.spelling import nearest

Role = Literal["admin", "operator", "viewer"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
#: No spaces and no colons, which separate a name from an id or a key.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_SHORTEST_SECONDS: Final = 60
_LONGEST_SECONDS: Final = 3660 * 24 * 3600


class Scope(StrEnum):
    """A part of a role's rights. A token without scopes has all rights of its role."""

    READ = "read"
    """Read workflows, tasks, agents, hosts, events."""
    WORKFLOWS = "workflows"
    """Register definitions; start, stop and approve workflows; set budgets."""
    TASKS = "tasks"
    """Create, cancel, restart and bump tasks."""
    AGENTS = "agents"
    """Message and stop agents; answer their questions."""
    HOSTS = "hosts"
    """Drain and label hosts; try the models that the system itself asks."""
    ACCESS = "access"
    """Tokens and the audit log."""


def checked_name(name: str) -> str:
    """Return ``name`` if it is valid for a token.

    Raises:
        InvalidInput: it is not.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "A token's name has 1 to 64 letters, digits, '.', '_', '@' or '-', "
            "and begins with a letter or digit.",
            field="name",
        )
    return name


def checked_role(role: str) -> Role:
    """Return ``role`` if it exists.

    Raises:
        InvalidInput: it does not.
    """
    if role not in ROLES:
        raise InvalidInput(
            f"Unknown role {role!r}; it is one of {', '.join(ROLES)}{nearest(role, list(ROLES))}.",
            field="role",
        )
    return role


def checked_scopes(scopes: Collection[str]) -> list[str]:
    """Return the scopes, each once and in order of declaration.

    Raises:
        InvalidInput: there is no scope of that name.
    """
    known = [str(scope) for scope in Scope]
    for scope in scopes:
        if scope not in known:
            raise InvalidInput(
                f"Unknown scope {scope!r}; known: {', '.join(known)}{nearest(scope, known)}.",
                field="scopes",
            )
    return [scope for scope in known if scope in scopes]


def checked_life(seconds: int | None) -> timedelta | None:
    """Return the lifetime of a token if it is within bounds; None: it does not expire.

    Raises:
        InvalidInput: it is too short or too long.
    """
    if seconds is None:
        return None
    if not _SHORTEST_SECONDS <= seconds <= _LONGEST_SECONDS:
        raise InvalidInput(
            "A token's lifetime is 1 minute to 10 years; leave it out for a token without an end.",
            field="expires_in",
        )
    return timedelta(seconds=seconds)


def refuse_more_than(own: Collection[str], wanted: Collection[str]) -> None:
    """Return if the creator has all scopes of the new token; an empty list means all scopes.

    Raises:
        Forbidden: the creator has not.
    """
    if own and not (wanted and set(wanted) <= set(own)):
        raise Forbidden(
            f"Your token is narrowed to {', '.join(sorted(own))}; give the new one no more scopes."
        )
