"""Tools about tasks."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents import reports
from hephaestus_core.tasks import service
from hephaestus_core.tasks.creation import TaskOrder
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.idempotency import once
from hephaestus_web.mcp.identity import CallContext, door, live_door

Status = Literal["done", "failed", "in_progress"]
Priority = Literal["low", "medium", "high", "critical"]
PhaseNumber = Annotated[int, Field(ge=0, le=2**31 - 1, description="Number of the phase.")]

#: Characters of a description that lists show: lists are read by models, which pay for each.
_LIST_TEXT = 300


@dataclass(frozen=True)
class TaskState:
    """A task that was made or changed."""

    task_id: UUID
    status: str


@dataclass(frozen=True)
class TaskLine:
    """A task in a list; the description is cut off."""

    task_id: UUID
    phase_id: int | None
    phase_name: str | None
    kind: str
    status: str
    priority: str
    description: str
    summary: str | None
    parent_task_id: UUID | None
    created_by_agent_id: UUID | None
    agent_id: UUID | None


@dataclass(frozen=True)
class TaskLines:
    """A list of tasks, newest first."""

    tasks: list[TaskLine]


def get_my_task(context: CallContext) -> TaskView:
    """Return the caller's task."""
    own = live_door(context)
    return service.get_task(own.database, own.caller.task_id)


def get_tasks(
    context: CallContext,
    status: Annotated[str, Field(description="Only tasks in this state.")] = "",
    phase_id: Annotated[int, Field(ge=-1, description="Only tasks of this phase; -1: all.")] = -1,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> TaskLines:
    """Return the newest tasks of the caller's workflow."""
    own = live_door(context)
    page = service.list_tasks(
        own.database,
        workflow_id=own.caller.workflow_id,
        status=status or None,
        phase_id=None if phase_id < 0 else phase_id,
        limit=limit,
    )
    return TaskLines([_line(task) for task in page.items])


def create_task(  # noqa: PLR0917 - the SDK passes all of them by name
    context: CallContext,
    description: Annotated[str, Field(description="What is to be done, and all one must know.")],
    phase_id: PhaseNumber,
    done_definition: Annotated[str, Field(description="When it counts as done.")] = "",
    priority: Priority = "medium",
    parent_task_id: Annotated[UUID | None, Field(description="Default: your own task.")] = None,
    cli_tool: Annotated[str | None, Field(description="Default: as the phase says.")] = None,
    ticket_id: str = "",
) -> TaskState:
    """Create a task in the caller's workflow."""
    own = door(context)
    order = TaskOrder(
        workflow_id=own.caller.workflow_id,
        description=description,
        phase_id=phase_id,
        done_definition=done_definition or None,
        priority=priority,
        parent_task_id=parent_task_id,
        cli_tool=cli_tool,
        ticket_id=ticket_id or None,
        idempotency_key=own.idempotency_key,
    )
    task = once(lambda: reports.create_task(own.database, own.agent_id, order))
    return TaskState(task.id, task.status)


def update_task_status(
    context: CallContext,
    status: Status,
    summary: Annotated[str, Field(description="What you did and how you checked it.")] = "",
    key_learnings: Annotated[list[str], Field(description="What others should know.")] = [],  # noqa: B006 - pydantic copies it
    failure_reason: Annotated[str, Field(description="Why it cannot be done.")] = "",
) -> TaskState:
    """Report on the caller's own task."""
    own = door(context)
    task = reports.report_status(
        own.database,
        own.agent_id,
        status=status,
        summary=summary,
        key_learnings=key_learnings,
        failure_reason=failure_reason,
    )
    return TaskState(task.id, task.status)


def _line(task: TaskView) -> TaskLine:
    text = task.description
    return TaskLine(
        task_id=task.id,
        phase_id=task.phase_id,
        phase_name=task.phase_name,
        kind=task.kind,
        status=task.status,
        priority=task.priority,
        description=text if len(text) <= _LIST_TEXT else text[:_LIST_TEXT] + " […]",
        summary=task.summary,
        parent_task_id=task.parent_task_id,
        created_by_agent_id=task.created_by_agent_id,
        agent_id=task.agent_id,
    )
