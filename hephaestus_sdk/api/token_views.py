"""Views of tokens and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token of a person or a program, without its secret."""

    name: str
    role: str = ""
    """viewer, operator or admin."""
    scopes: tuple[str, ...] = ()
    """Scopes that it is narrowed to; empty: all of its role."""
    created_by: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """Rounded to the hour."""


@dataclass(frozen=True, kw_only=True)
class NewToken(Token):
    """A new token."""

    token: str = field(default="", repr=False)
    """The secret, which is shown only here."""


@dataclass(frozen=True, kw_only=True)
class NewLoginCode:
    """A code that logs a browser in, once; it can never be read again."""

    code: str = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """A request that changed something or was refused."""

    id: str
    at: datetime | None = None
    actor: str = ""
    """Name of the token that was used, or ``agent <id>``."""
    role: str = ""
    action: str = ""
    target: Mapping[str, str] = field(default_factory=dict)
    """Ids that the request named, and ``created`` for what it made."""
    address: str = ""
    status: int = 0
    """HTTP status of the answer; below 400 it was done."""
    idempotency_key: str | None = None
