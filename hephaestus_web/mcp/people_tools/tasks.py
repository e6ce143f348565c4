"""Tools about tasks and the queue."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents.details import TaskDetail
from hephaestus_core.agents.service import live_count
from hephaestus_core.changes.diffs import task_diff
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.intake import rulings
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.tasks import service
from hephaestus_core.tasks.queue import queue_status
from hephaestus_core.tasks.views import TaskView, duplicate_told
from hephaestus_web.history.commits import TaskCommits
from hephaestus_web.history.service import commits_of
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.reading import read_task
from hephaestus_web.mcp.shapes import (
    After,
    CliModel,
    CliTool,
    Cursor,
    Limit,
    NextCursor,
    OnlyPhase,
    OnlyStatus,
    PhaseNumber,
    Priority,
    Reason,
    TaskLine,
    TaskState,
    Title,
    WithPatch,
    shown_diff,
    task_line,
)
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.requests.idempotency import once

TaskId = Annotated[UUID, Field(description="From create_task or get_tasks.")]


@dataclass(frozen=True)
class TaskLines:
    """A page of tasks, newest first."""

    tasks: list[TaskLine]
    next_cursor: NextCursor


@dataclass(frozen=True)
class NewTask(TaskState):
    """A task that was made."""

    duplicate: Annotated[
        str | None, Field(description="Which task does its work instead, and why; null: it runs.")
    ]


@dataclass(frozen=True)
class Queue:
    """How many tasks wait and run, and the first of those that wait, in order."""

    queued: int
    running: int
    max_concurrent_agents: int
    tasks: list[TaskLine]


def create_task(  # noqa: PLR0917 - the SDK passes all of them by name
    context: CallContext,
    workflow_id: Annotated[UUID, Field(description="From start_workflow or list_workflows.")],
    description: Annotated[str, Field(description="What is to be done, and all one must know.")],
    phase_id: PhaseNumber,
    done_definition: Annotated[str, Field(description="Added to when it counts as done.")] = "",
    priority: Priority = "medium",
    parent_task_id: Annotated[
        UUID | None, Field(description="The task that this one continues, if any.")
    ] = None,
    cli_tool: CliTool = None,
    cli_model: CliModel = None,
    title: Title = "",
    after: After = [],  # noqa: B006 - pydantic copies it
    beyond_limit: Annotated[
        bool, Field(description="Create it though its phase has most_tasks already.")
    ] = False,
) -> NewTask:
    """Create a task in a running workflow; an agent starts when a slot is free."""
    own = person_door(context)
    order = TaskOrder(
        workflow_id=workflow_id,
        description=description,
        phase_id=phase_id,
        title=title or None,
        done_definition=done_definition or None,
        priority=priority,
        parent_task_id=parent_task_id,
        cli_tool=cli_tool,
        cli_model=cli_model,
        after=tuple(after),
        beyond_limit=beyond_limit,
        created_by=own.person.name,
        compared=Thresholds.of(own.wiring.settings),
        idempotency_key=own.idempotency_key,
    )
    wiring = own.wiring
    task = once(lambda: intake.create_task(own.database, order, wiring.llm, wiring.vectors))
    return NewTask(task.id, task.status, duplicate=duplicate_told(task))


def get_tasks(
    context: CallContext,
    workflow_id: Annotated[
        UUID | None, Field(description="Only tasks of this workflow; null: of all.")
    ] = None,
    status: OnlyStatus = "",
    phase_id: OnlyPhase = -1,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> TaskLines:
    """List tasks, newest first."""
    page = service.list_tasks(
        person_door(context).database,
        workflow_id=workflow_id,
        status=status or None,
        phase_id=None if phase_id < 0 else phase_id,
        limit=limit,
        cursor=cursor_key(cursor or None),
    )
    return TaskLines([task_line(task) for task in page.items], cursor_text(page.cursor))


def get_task(context: CallContext, task_id: TaskId) -> TaskDetail:
    """Read one task: attempts, children, parent, and the prompt of its newest attempt."""
    return read_task(person_door(context), task_id)


def get_task_diff(context: CallContext, task_id: TaskId, with_patch: WithPatch = False) -> DiffView:
    """Read a task's changes: files, line counts and, on request, the patch."""
    return shown_diff(task_diff(person_door(context).database, task_id), with_patch=with_patch)


def get_task_commits(context: CallContext, task_id: TaskId) -> TaskCommits:
    """List the newest 50 commits of a task; says whether the base branch holds them."""
    own = person_door(context)
    return commits_of(own.database, own.wiring.settings, task_id)


def cancel_task(
    context: CallContext, task_id: TaskId, reason: Reason = "cancelled by a person"
) -> TaskState:
    """Cancel a task; its agent is stopped and its work is kept."""
    return _state(service.cancel_task(person_door(context).database, task_id, reason=reason))


def restart_task(context: CallContext, task_id: TaskId) -> TaskState:
    """Queue an ended task again; it continues from its saved work."""
    return _state(service.restart_task(person_door(context).database, task_id))


def bump_task(context: CallContext, task_id: TaskId) -> TaskState:
    """Start a queued task at once, even if that exceeds the limits."""
    return _state(service.bump_task(person_door(context).database, task_id))


def not_duplicate(context: CallContext, task_id: TaskId) -> TaskState:
    """Let a duplicate run after all, if its work differs from the other task's."""
    return _state(rulings.not_duplicate(person_door(context).database, task_id))


def is_duplicate(
    context: CallContext,
    task_id: TaskId,
    other_task_id: Annotated[
        UUID, Field(description="The task of the same workflow that does the work.")
    ],
    reason: Reason = "",
) -> TaskState:
    """Withdraw a task, since another does its work; its agent is stopped and its work is kept."""
    own = person_door(context)
    return _state(rulings.is_duplicate(own.database, task_id, of=other_task_id, reason=reason))


def get_queue(context: CallContext) -> Queue:
    """Read the numbers of waiting and running tasks, and the first 100 waiting, in order."""
    own = person_door(context)
    status = queue_status(own.database)
    return Queue(
        queued=status.queued,
        running=live_count(own.database),
        max_concurrent_agents=own.wiring.settings.max_concurrent_agents,
        tasks=[task_line(task) for task in status.items],
    )


def _state(task: TaskView) -> TaskState:
    return TaskState(task.id, task.status)
