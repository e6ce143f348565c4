"""Pieces of work."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import TaskKind, TaskStatus
from hephaestus_core.db.base import Base, one_of


class Task(Base):
    """A piece of work in a phase of a workflow."""

    __tablename__ = "tasks"
    __table_args__ = (
        one_of("kind", TaskKind),
        one_of("status", TaskStatus),
        ForeignKeyConstraint(
            ["workflow_id", "phase_id"], ["phases.workflow_id", "phases.phase_id"]
        ),
        # Claim order within a workflow. Only queued rows are in it, so the cost of a claim does not
        # grow with the number of tasks.
        Index(
            "ix_tasks_queue",
            "workflow_id",
            text("boosted DESC"),
            text("priority DESC"),
            "queued_at",
            "id",
            postgresql_where=text("status = 'queued'"),
        ),
        # The same across workflows, for positions in the queue.
        Index(
            "ix_tasks_claim_order",
            text("boosted DESC"),
            text("priority DESC"),
            "queued_at",
            "id",
            postgresql_where=text("status = 'queued'"),
        ),
        Index("ix_tasks_bumped", "id", postgresql_where=text("status = 'queued' AND bumped")),
        # The counts of a workflow, and the end of its last task, are an index-only scan.
        Index(
            "ix_tasks_workflow_id_status",
            "workflow_id",
            "status",
            postgresql_include=["phase_id", "completed_at"],
        ),
        Index("ix_tasks_status_created_at_id", "status", "created_at", "id"),
        Index("ix_tasks_workflow_id_created_at_id", "workflow_id", "created_at", "id"),
        Index("ix_tasks_created_at_id", "created_at", "id"),
        Index("ix_tasks_parent_task_id", "parent_task_id"),
        # The database decides which of two tasks with the same text does the work.
        Index(
            "uq_tasks_text_key",
            "workflow_id",
            "phase_id",
            "text_key",
            unique=True,
            postgresql_where=text("text_key IS NOT NULL"),
        ),
        Index(
            "ix_tasks_duplicate_of",
            "duplicate_of",
            postgresql_where=text("duplicate_of IS NOT NULL"),
        ),
        Index("ix_tasks_related_to", "related_to", postgresql_where=text("related_to IS NOT NULL")),
        CheckConstraint("(status = 'duplicated') = (duplicate_of IS NOT NULL)", name="duplicate"),
        Index("ix_tasks_pending", "creator_agent_id", postgresql_where=text("status = 'pending'")),
        # The Guardian counts at each sweep how many tasks live agents have created.
        Index(
            "ix_tasks_creator_agent_id",
            "creator_agent_id",
            postgresql_where=text("creator_agent_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    phase_id: Mapped[int | None]
    kind: Mapped[TaskKind]
    title: Mapped[str]
    description: Mapped[str]
    done_definition: Mapped[str]
    status: Mapped[TaskStatus]
    priority: Mapped[int]
    boosted: Mapped[bool] = mapped_column(server_default=text("false"))
    bumped: Mapped[bool] = mapped_column(server_default=text("false"))
    required_labels: Mapped[list[str]]
    cli_tool: Mapped[str | None]
    cli_model: Mapped[str | None]
    next_programs: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """The programs still to try, after one has failed; None: start from the first."""
    ticket_id: Mapped[str | None]
    created_by: Mapped[str]
    creator_agent_id: Mapped[UUID | None]
    parent_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    depth: Mapped[int] = mapped_column(server_default=text("0"))
    """How many parents it has, one above the other."""
    result_id: Mapped[UUID | None]
    awaits_creator: Mapped[bool] = mapped_column(server_default=text("false"))
    """While it is pending: the work of its creator, from which it starts, is still to be saved."""
    awaits_checks: Mapped[bool] = mapped_column(server_default=text("false"))
    """While it is pending: a host is still to check the result that it judges."""
    start_commit: Mapped[str | None]
    """Commit from which the next attempt starts; None: the newest of the workflow."""
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    agent_id: Mapped[UUID | None]
    """Agent of the current attempt; reports of all others are stale."""
    retries: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Number of retries per class of failure; a restart resets it."""
    due_at: Mapped[datetime | None]
    summary: Mapped[str | None]
    nothing_follows: Mapped[str | None]
    """Its agent's reason for which nothing has to follow, though its phase leads on."""
    key_learnings: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    failure_class: Mapped[str | None]
    failure_reason: Mapped[str | None]
    merge_commit: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    order_hash: Mapped[str | None]
    """Hash of the order with the key; None without one."""
    text_key: Mapped[str | None]
    """Hash of the text, held by one live or done task of the phase; None: it is not compared."""
    duplicate_of: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    """The task that does the work of this one, which is *duplicated*."""
    related_to: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    """A task of the phase that is alike, though this one runs."""
    similarity: Mapped[float | None]
    """Share of the words that it has in common with that task, 0 to 1."""
    similarity_reason: Mapped[str | None]
    """Why the two count as duplicates or as related, in words."""


class TaskDependency(Base):
    """A task that starts only once another one is done."""

    __tablename__ = "task_dependencies"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    after_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True, index=True)


class TaskMark(Base):
    """A number that tasks share which may ask for the same work, the newest with the highest."""

    __tablename__ = "task_marks"

    mark: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Identity(), primary_key=True)
    task_id: Mapped[UUID]
    """Without a foreign key, which would be checked for each of the ten marks of a new task."""


class JoinRound(Base):
    """A task that the system has created since other phases were at rest."""

    __tablename__ = "join_rounds"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workflow_id", "phase_id"], ["phases.workflow_id", "phases.phase_id"]
        ),
    )

    workflow_id: Mapped[UUID] = mapped_column(primary_key=True)
    phase_id: Mapped[int] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    """From 1."""
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    """None: the round was due, but it would have been one too many."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """The clock's time, not the transaction's: the tasks of the round may have ended later than
    the transaction began that waited for the workflow's lock."""


class TaskTally(Base):
    """The number of tasks that were ever created in a workflow, without those of the system.

    A row of its own: tasks are created under a shared lock on the workflow's row, and to count all
    tasks on each creation would cost more with every task.
    """

    __tablename__ = "task_tallies"

    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"), primary_key=True)
    created: Mapped[int]
