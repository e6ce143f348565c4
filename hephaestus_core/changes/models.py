"""Merges and diffs of agents' work."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import MergeStatus
from hephaestus_core.db.base import Base, one_of


class Merge(Base):
    """The merge of an attempt's saved work into its workflow's integration branch."""

    __tablename__ = "merges"
    __table_args__ = (
        one_of("status", MergeStatus),
        # every host reads these every other second
        Index(
            "ix_merges_open",
            "created_at",
            "id",
            postgresql_where=text("status IN ('pending', 'conflict')"),
        ),
        Index(
            "ix_merges_decided",
            "merged_at",
            postgresql_where=text("status = 'merged' AND conflicts <> '[]'"),
        ),
        Index("ix_merges_workflow_id_created_at", "workflow_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), index=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), unique=True)
    branch: Mapped[str]
    tip: Mapped[str]
    status: Mapped[MergeStatus]
    commit: Mapped[str | None]
    reason: Mapped[str | None]
    files: Mapped[int]
    insertions: Mapped[int]
    deletions: Mapped[int]
    conflicts: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    merged_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    """When the last try failed, for ``reason``; None: it is due."""


class Diff(Base):
    """The newest diff of a task or a whole workflow; its text is bounded."""

    __tablename__ = "diffs"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    """Id of the task or the workflow."""
    base: Mapped[str]
    commit: Mapped[str]
    files: Mapped[int]
    insertions: Mapped[int]
    deletions: Mapped[int]
    changes: Mapped[list[dict[str, Any]]]
    patch: Mapped[str]
    truncated: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
