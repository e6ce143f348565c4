"""Agents, one row per attempt at a task, and the shared output of some of them."""

from datetime import datetime
from typing import Any
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
        Index(
            "ix_agents_unsaved", "unsaved_since", postgresql_where=text("unsaved_since IS NOT NULL")
        ),
        Index("ix_agents_task_id", "task_id", "attempt", unique=True),
        Index("ix_agents_workflow_id_started_at_id", "workflow_id", "started_at", "id"),
        Index("ix_agents_started_at_id", "started_at", "id"),
        Index("ix_agents_ended_at", "ended_at"),
        Index(
            "ix_agents_resumes_id", "resumes_id", postgresql_where=text("resumes_id IS NOT NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"))
    attempt: Mapped[int]
    fence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """Grows over all attempts of all tasks, so a newer attempt has a greater number."""
    host: Mapped[str] = mapped_column(ForeignKey("hosts.name"))
    program: Mapped[str]
    model: Mapped[str | None]
    programs: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """This program with its model, then its fallbacks."""
    stands_in_for: Mapped[str | None]
    """The task's first choice, if this program is a fallback."""
    status: Mapped[AgentStatus]
    lease_expires_at: Mapped[datetime]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    branch: Mapped[str]
    base_commit: Mapped[str | None]
    checkpoint_commit: Mapped[str | None]
    """Newest commit of this agent's work that the origin has."""
    prompt: Mapped[str | None] = mapped_column(deferred=True)
    """The prompt; loaded on demand."""
    stop_requested_at: Mapped[datetime | None]
    stop_reason: Mapped[str | None]
    exit_code: Mapped[int | None]
    failure_class: Mapped[str | None]
    failure_reason: Mapped[str | None]
    failure_until: Mapped[datetime | None]
    """The end of a quota's period, if the program names it."""
    program_failed: Mapped[bool] = mapped_column(server_default=text("false"))
    """The program or its provider failed, so a fallback may succeed."""
    conversation: Mapped[str | None]
    """The program's own id of its conversation, once the next attempt here may go on with it."""
    resumes_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.id"))
    """The earlier attempt whose conversation this one goes on with."""
    resumes_in_a_row: Mapped[int] = mapped_column(server_default=text("0"))
    worktree_id: Mapped[UUID | None]
    """Whose place its worktree has: conversations name paths. None: its own."""
    parked_for: Mapped[UUID | None]
    """The question, or the spent budget, for which its task waits, as it has ended for that."""
    goes_back_to: Mapped[str | None]
    """The commit from which the next attempt begins in place of this one's work."""
    reminders: Mapped[int] = mapped_column(server_default=text("0"))
    """Reminders to report since the agent last worked."""
    fine_until: Mapped[datetime | None]
    """Until then the Guardian leaves it alone, because a person says that it is fine."""
    fine_by: Mapped[str | None]
    tasks_created: Mapped[int] = mapped_column(server_default=text("0"))
    """How many tasks it has created."""
    orders_repeated: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Tasks of earlier attempts that it has asked for again: id of each, hash of its words."""
    messages_sent: Mapped[int] = mapped_column(server_default=text("0"))
    """How many messages it has sent since ``messages_since``."""
    messages_since: Mapped[datetime | None]
    """The begin of the minute in which its messages are counted."""
    unsaved_since: Mapped[datetime | None]
    """Since when saving the agent's last work has failed; None: nothing is unsaved."""
    uncommitted_commit: Mapped[str | None]
    """Snapshot of what it left uncommitted, which the origin has, where hosts do not commit."""
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    """New files that are too much to be committed unasked: path, files and bytes of each."""
    left_out_in: Mapped[str | None]
    """The folder on its host that has them."""
    kept_commits: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    """Commits that its branch does not hold: name and commit of each."""
    kept_in: Mapped[str | None]
    """The repository on its host that has them."""
    lost_work: Mapped[str | None]
    """Why work of it is lost; None: none is."""
    setup: Mapped[dict[str, Any] | None]
    """How the set-up of its worktree went; None: none ran, or it runs."""
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    running_at: Mapped[datetime | None]
    last_report_at: Mapped[datetime | None]
    asked_done_at: Mapped[datetime | None]
    """When it first called its task done, where that is answered with what is to be done still."""
    asked_done_key: Mapped[str | None]
    """The key of that call: one with the same key repeats it."""
    report_key: Mapped[str | None]
    """The key of its newest report: one with the same key repeats it."""
    proof: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """What checks of its work need to know, handed in with its report."""
    ended_at: Mapped[datetime | None]
    """When the attempt ended and freed its slot."""
    released_at: Mapped[datetime | None]
    """When its processes and its worktree were gone from its host."""


class AgentWatch(Base):
    """The newest observation of an agent by the Guardian, with a short history."""

    __tablename__ = "agent_watches"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    looked_at: Mapped[datetime]
    last_output_at: Mapped[datetime | None]
    last_tool: Mapped[str | None]
    last_tool_at: Mapped[datetime | None]
    last_change_at: Mapped[datetime | None]
    """When a save last found new work."""
    repeats: Mapped[int] = mapped_column(server_default=text("0"))
    """How often the last action was taken in a row."""
    silent_since: Mapped[datetime | None]
    """Since when neither output, action nor saved work is new; None: something is."""
    last_line: Mapped[str | None]
    """The last line of its screen that says something. Untrusted."""
    screen: Mapped[str | None] = mapped_column(deferred=True)
    """Its screen with the sequences of its colours, bounded. Untrusted."""
    verdict: Mapped[str | None]
    evidence: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    looks: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    """The last looks, oldest first."""


class AgentOutput(Base):
    """The end of an agent's output, for readers on other machines than its host.

    A row exists while readers ask. The host answers each new request.
    """

    __tablename__ = "agent_outputs"
    __table_args__ = (Index("ix_agent_outputs_host", "host", "asked_at"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    host: Mapped[str]
    asked_at: Mapped[datetime]
    shared_at: Mapped[datetime | None]
    """When the host last answered; it has not yet if this is before ``asked_at``."""
    start: Mapped[int] = mapped_column(server_default=text("0"))
    """Position of ``tail`` in the whole output, in bytes."""
    tail: Mapped[bytes]
    complete: Mapped[bool] = mapped_column(server_default=text("false"))
    """The agent has ended, and the output is complete."""
