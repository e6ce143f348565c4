"""Workflows, and the phases of each."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import DeliveryStatus, ResultOutcome, WorkflowStatus
from hephaestus_core.db.base import Base, one_of


class Workflow(Base):
    """One execution of a definition on one repository."""

    __tablename__ = "workflows"
    __table_args__ = (
        one_of("status", WorkflowStatus),
        one_of("delivery_status", DeliveryStatus),
        one_of("outcome", ResultOutcome),
        # Logins are in a table of their own, encrypted.
        CheckConstraint("repository !~* '^https?://[^/?#]*@'", name="no_login"),
        Index("ix_workflows_created_at_id", "created_at", "id"),
        # The last launches of each definition, for the list of what can be launched.
        Index("ix_workflows_definition_id_created_at", "definition_id", "created_at"),
        Index("ix_workflows_completed_at", "completed_at"),
        Index("ix_workflows_active", "id", postgresql_where=text("status = 'active'")),
        Index(
            "ix_workflows_spent_due",
            "spent_due_at",
            postgresql_where=text("delivery_status = 'delivered' AND spent_due_at IS NOT NULL"),
        ),
        Index(
            "ix_workflows_delivery_open",
            "id",
            postgresql_where=text("delivery_status IN ('pending', 'held')"),
        ),
        # People look at these in the list of what waits for them.
        Index(
            "ix_workflows_delivery_waits",
            "id",
            postgresql_where=text(
                "delivery_status IN ('awaiting_approval', 'conflict', 'held') "
                "OR base_moved_to IS NOT NULL"
            ),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    definition_id: Mapped[str] = mapped_column(ForeignKey("workflow_definitions.id"))
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[WorkflowStatus]
    repository: Mapped[str]
    base_branch: Mapped[str]
    base_commit: Mapped[str | None]
    """Where hosts saw the base branch last, while it went forward only; None: not yet."""
    base_moved_to: Mapped[str | None]
    """Where it was moved otherwise than forward: then a person decides. None: it was not."""
    base_moved_at: Mapped[datetime | None]
    """When a host found that."""
    integration_branch: Mapped[str]
    working_directory: Mapped[str]
    auto_merge: Mapped[bool]
    conflict_resolution: Mapped[str]
    max_agents: Mapped[int | None]
    launch_params: Mapped[dict[str, Any]]
    config: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    completed_at: Mapped[datetime | None]
    deletion_asked_at: Mapped[datetime | None]
    """Since when it is being deleted: then no reader finds it. None: it stays."""
    closed_reason: Mapped[str | None]
    result_id: Mapped[UUID | None]
    outcome: Mapped[ResultOutcome | None]
    """Of its accepted result."""
    initial_task_id: Mapped[UUID | None]
    delivery_status: Mapped[DeliveryStatus]
    delivery_since: Mapped[datetime | None]
    """Since when it has that status; None: from the begin."""
    delivery_reason: Mapped[str | None]
    delivery_commit: Mapped[str | None]
    delivery_conflicts: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    """Files that both branches had changed, and whose version deliveries kept."""
    delivery_round: Mapped[int] = mapped_column(server_default=text("0"))
    """Number of requests for a delivery, one each time there is more to deliver."""
    delivery_check: Mapped[dict[str, Any] | None]
    """The check of the last commit that was to be delivered: commit, host, lost_at (from then on
    another host may run it); once it has ended its outcome; anyway, if a person let it pass;
    tasks, the number that checks made."""
    approved_commit: Mapped[str | None]
    """What a person has looked at and approved: no other commit is delivered. None: whatever is
    merged."""
    delivery_held_at: Mapped[datetime | None]
    """When the last try of a held delivery failed."""
    spent_due_at: Mapped[datetime | None]
    """When the branches that it needs no more are deleted, once it is delivered; None: none are
    left that could be."""
    limits: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Those of its launch and later changes; the defaults stand for what is not named."""
    limits_reached: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """The limits that have refused something since they were set."""
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    order_hash: Mapped[str | None]
    """Hash of the order with the key; None without one."""

    @property
    def has_result(self) -> bool:
        """It is incomplete without an accepted result."""
        return bool(self.config["has_result"])


class Phase(Base):
    """A phase of one workflow, with the launch parameters filled in."""

    __tablename__ = "phases"

    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"), primary_key=True)
    phase_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    spec: Mapped[dict[str, Any]]
