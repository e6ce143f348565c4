"""Workflows that a person has deleted, and what of each is still to go."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class Deletion(Base):
    """A deletion that was asked for. It outlives its workflow, so it names all that hosts need."""

    __tablename__ = "deletions"
    __table_args__ = (
        Index("ix_deletions_open", "asked_at", postgresql_where=text("rows_gone_at IS NULL")),
        Index(
            "ix_deletions_branches_open",
            "asked_at",
            postgresql_where=text("branches_gone_at IS NULL"),
        ),
    )

    workflow_id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    repository: Mapped[str]
    integration_branch: Mapped[str]
    branches: Mapped[list[str]]
    """Those of its attempts."""
    drops_unmerged: Mapped[bool]
    """Branches go even if nothing else holds their commits."""
    counts: Mapped[dict[str, Any]]
    """What it had when its deletion was asked for, by the names of the view."""
    dollars: Mapped[float]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    rows_gone_at: Mapped[datetime | None]
    branches_gone_at: Mapped[datetime | None]
    branches_kept: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Those that stay, since nothing else holds their commits or somebody has them open."""
    branches_fault: Mapped[str | None]
    """Why the repository could not be tended at the last try."""


class DeletionOnHost(Base):
    """The attempts of a deleted workflow whose files one host still has."""

    __tablename__ = "deletions_on_hosts"
    __table_args__ = (
        Index("ix_deletions_on_hosts_open", "host", postgresql_where=text("files_gone_at IS NULL")),
    )

    workflow_id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    agent_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID(as_uuid=True)))
    files_gone_at: Mapped[datetime | None]
