"""API tokens, the audit log, and counts of wrong tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class ApiToken(Base):
    """A token for the API; only its hash is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index(
            "uq_api_tokens_name", "name", unique=True, postgresql_where=text("revoked_at IS NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    """Unique among tokens that are not revoked."""
    role: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Scopes that the token is narrowed to; empty: all."""
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """Rounded to the hour, so that requests cost no writes."""


class AuditEntry(Base):
    """One request that changed something or tried to. Rows are never changed.

    No foreign keys: entries outlive the rows that they name.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    target: Mapped[dict[str, Any]]
    address: Mapped[str]
    status: Mapped[int]
    idempotency_key: Mapped[str | None]


class WrongTokens(Base):
    """The count of wrong tokens per door and address."""

    __tablename__ = "wrong_tokens"

    door: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class LoginCode(Base):
    """A code that logs in as the holder of a token, once; only its hash is kept."""

    __tablename__ = "login_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    token_id: Mapped[UUID] = mapped_column(ForeignKey("api_tokens.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
