"""Agents, each row one attempt at a task, and the output of some of them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.db.base import Base, one_of


class Agent(Base):
    """One attempt of an agent program at a task, on one host, under a lease."""

    __tablename__ = "agents"
    __table_args__ = (
        one_of("status", AgentStatus),
        Index("ix_agents_live", "host", postgresql_where=text("ended_at IS NULL")),
        Index("ix_agents_live_workflow", "workflow_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_agents_unreleased", "host", postgresql_where=text("released_at IS NULL")),
        Index("ix_agents_task_id", "task_id", "attempt", unique=True),
        Index("ix_agents_workflow_id_started_at_id", "workflow_id", "started_at", "id"),
        Index("ix_agents_started_at_id", "started_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    attempt: Mapped[int]
    fence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """Grows over all attempts of all tasks: a newer attempt always has the greater number."""
    host: Mapped[str] = mapped_column(ForeignKey("hosts.name"))
    program: Mapped[str]
    model: Mapped[str | None]
    programs: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """This program with its model, then what is tried after it, should it fail."""
    stands_in_for: Mapped[str | None]
    """The program of the task's first choice, where this one is another."""
    status: Mapped[AgentStatus]
    lease_expires_at: Mapped[datetime]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    branch: Mapped[str]
    base_commit: Mapped[str | None]
    checkpoint_commit: Mapped[str | None]
    """Newest commit of this agent's work that the origin has."""
    prompt: Mapped[str | None] = mapped_column(deferred=True)
    """What the program was told at its start; loaded only where it is asked for."""
    stop_requested_at: Mapped[datetime | None]
    stop_reason: Mapped[str | None]
    exit_code: Mapped[int | None]
    failure_class: Mapped[str | None]
    failure_reason: Mapped[str | None]
    failure_until: Mapped[datetime | None]
    """For a quota: when it is over, where the program says so."""
    program_failed: Mapped[bool] = mapped_column(server_default=text("false"))
    """It was the program or its provider that failed: another one may do better."""
    reminders: Mapped[int] = mapped_column(server_default=text("0"))
    """Times the Guardian reminded the agent to report since it last worked."""
    unsaved_since: Mapped[datetime | None]
    """Since when the host tries in vain to save what the agent has left; None: nothing waits."""
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    running_at: Mapped[datetime | None]
    last_report_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When the attempt ended and its slot was free again."""
    released_at: Mapped[datetime | None]
    """When its host had ended its processes and given back its worktree."""


class AgentOutput(Base):
    """The end of what an agent has shown, for readers on other machines than its host.

    There is a row only where somebody asked lately. The host answers each time it is asked anew.
    """

    __tablename__ = "agent_outputs"
    __table_args__ = (Index("ix_agent_outputs_host", "host", "asked_at"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    host: Mapped[str]
    asked_at: Mapped[datetime]
    shared_at: Mapped[datetime | None]
    """When the host last answered; before ``asked_at``: it has yet to."""
    start: Mapped[int] = mapped_column(server_default=text("0"))
    """Which byte of the whole output ``tail`` begins at."""
    tail: Mapped[bytes]
    complete: Mapped[bool] = mapped_column(server_default=text("false"))
    """The agent has ended, and this is the end of all."""
