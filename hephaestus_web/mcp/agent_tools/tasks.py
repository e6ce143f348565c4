"""Tools about tasks."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents import reports
from hephaestus_core.agents.details import TaskDetail
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.results import proofs
from hephaestus_core.reviews.reporting import answer, ask_first, is_shown
from hephaestus_core.tasks import service
from hephaestus_core.tasks.views import TaskView, duplicate_told
from hephaestus_web.mcp.identity import AgentDoor, CallContext, agent_door, live_door
from hephaestus_web.mcp.reading import read_task, read_workflow
from hephaestus_web.mcp.shapes import (
    After,
    CliModel,
    CliTool,
    Cursor,
    Limit,
    NextCursor,
    NextStep,
    OnlyPhase,
    OnlyStatus,
    PhaseNumber,
    Priority,
    TaskLine,
    TaskState,
    Texts,
    Title,
    Word,
    task_line,
)
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.requests.idempotency import once

#: Seconds for which a first `done` waits for the diff of the work, and between two looks.
_DIFF_SECONDS: Final = 15.0
_LOOK_SECONDS: Final = 0.25

Status = Literal["done", "failed", "in_progress"]
Start = Literal["now", "when_i_am_done"]


@dataclass(frozen=True)
class TaskLines:
    """A page of tasks, newest first."""

    tasks: list[TaskLine]
    next_cursor: NextCursor


@dataclass(frozen=True)
class TaskStep(TaskState):
    """A task that was made or changed, and what happens next."""

    next_step: NextStep


def get_my_task(context: CallContext) -> TaskView:
    """Return the caller's task."""
    own = live_door(context)
    return service.get_task(own.database, own.caller.task_id)


def get_tasks(
    context: CallContext,
    status: OnlyStatus = "",
    phase_id: OnlyPhase = -1,
    open: Annotated[bool, Field(description="Only those that have not ended.")] = False,  # noqa: A002 - its name for models
    limit: Limit = 50,
    cursor: Cursor = "",
) -> TaskLines:
    """Return tasks of the caller's workflow, newest first."""
    own = live_door(context)
    page = service.list_tasks(
        own.database,
        workflow_id=own.caller.workflow_id,
        status=status or None,
        phase_id=None if phase_id < 0 else phase_id,
        live=open,
        limit=limit,
        cursor=cursor_key(cursor or None),
    )
    return TaskLines([task_line(task) for task in page.items], cursor_text(page.cursor))


def get_task(
    context: CallContext, task_id: Annotated[UUID, Field(description="From get_tasks.")]
) -> TaskDetail:
    """Return a task of the caller's workflow."""
    return read_task(live_door(context), task_id)


def get_workflow(context: CallContext) -> WorkflowView:
    """Return the caller's workflow."""
    own = live_door(context)
    return read_workflow(own, own.caller.workflow_id)


def create_task(  # noqa: PLR0917 - the SDK passes all of them by name
    context: CallContext,
    description: Annotated[str, Field(description="What is to be done, and all one must know.")],
    phase_id: PhaseNumber,
    done_definition: Annotated[str, Field(description="Added to when it counts as done.")] = "",
    priority: Priority = "medium",
    parent_task_id: Annotated[UUID | None, Field(description="Default: your own task.")] = None,
    cli_tool: CliTool = None,
    cli_model: CliModel = None,
    title: Title = "",
    ticket_id: Word = "",
    after: After = [],  # noqa: B006 - pydantic copies it
    start: Annotated[
        Start, Field(description="now: from your work saved so far; else once you are done.")
    ] = "now",
) -> TaskStep:
    """Create a task in the caller's workflow."""
    own = agent_door(context)
    order = TaskOrder(
        workflow_id=own.caller.workflow_id,
        description=description,
        phase_id=phase_id,
        title=title or None,
        done_definition=done_definition or None,
        priority=priority,
        parent_task_id=parent_task_id,
        cli_tool=cli_tool,
        cli_model=cli_model,
        ticket_id=ticket_id or None,
        after=tuple(after),
        compared=Thresholds.of(own.wiring.settings),
        idempotency_key=own.idempotency_key,
    )
    task = once(
        lambda: reports.create_task(
            own.database,
            own.agent_id,
            order,
            after_own=start == "when_i_am_done",
            llm=own.wiring.llm,
            vectors=own.wiring.vectors,
        )
    )
    told = _after_creation(task, start, waits=bool(after))
    return TaskStep(task.id, task.status, next_step=told)


def update_task_status(  # noqa: PLR0917 - the SDK passes all of them by name
    context: CallContext,
    status: Status,
    summary: Annotated[str, Field(description="What you did and how you checked it.")] = "",
    key_learnings: Annotated[Texts, Field(description="What others should know.")] = [],  # noqa: B006 - pydantic copies it
    failure_reason: Annotated[str, Field(description="Why it cannot be done.")] = "",
    nothing_follows: Annotated[
        str, Field(description="With done: why no task or result has to follow.")
    ] = "",
    proof: Annotated[
        dict[str, str],
        Field(description="For checks, with done: test (its name), command (runs it), expect."),
    ] = {},  # noqa: B006
) -> TaskStep:
    """Report on the caller's own task."""
    own = agent_door(context)
    if status == "done":
        said = own.idempotency_key or _call_key(context, summary, nothing_follows)
        asked_at = ask_first(own.database, own.agent_id, proof=proof, key=said)
        if asked_at is not None:
            _await_diff(own, asked_at)
            also = proofs.gaps(own.database, own.agent_id)
            told = answer(own.database, own.agent_id, since=asked_at, also=also)
            return TaskStep(own.caller.task_id, TaskStatus.IN_PROGRESS, next_step=told)
    task = reports.report_status(
        own.database,
        own.agent_id,
        status=status,
        summary=summary,
        key_learnings=key_learnings,
        failure_reason=failure_reason,
        nothing_follows=nothing_follows,
        proof=proof,
        key=own.idempotency_key,
    )
    return TaskStep(task.id, task.status, next_step=_after_report(task, status))


def _call_key(context: CallContext, *words: str) -> str:
    """Return the key of a call without an Idempotency-Key: its number and its words.

    Clients number their calls, and send one again with its number if the answer was lost. A client
    that has connected anew begins to count again, so this serves only for what may be asked twice.
    """
    hashed = sha256(json.dumps(words).encode()).hexdigest()
    return f"call {context.request_id} {hashed}"


def _after_creation(task: TaskView, start: Start, *, waits: bool) -> str:
    where = f"It is task {task.id} in phase {task.phase_id} {task.phase_name}"
    if duplicate := duplicate_told(task):
        return f"{duplicate} You need not wait for this one."
    if task.status != TaskStatus.PENDING:
        return f"{where}, created before; it is {task.status} now. {task.status.sentence}"
    if start == "when_i_am_done":
        return f"{where}. It starts once your own task is done."
    if waits:
        return f"{where}. It starts once the tasks are done that it comes after."
    return f"{where}. It starts once your work is saved, which goes on by itself."


def _after_report(task: TaskView, reported: Status) -> str:
    if reported == "in_progress":
        return "Go on; report done or failed at the end."
    if reported == "failed":
        return "Stop now: your work is saved and your session ends. The retry policy decides next."
    if task.status == TaskStatus.DONE:
        return "Stop now: the task is done."
    return (
        "Stop now: your work is saved and merged, and your session ends. If something is missing, "
        "you get a message first."
    )


def _await_diff(own: AgentDoor, asked_at: datetime) -> None:
    """Wait a little until the agent's host has saved its work and recorded the diff."""
    deadline = time.monotonic() + _DIFF_SECONDS
    while not is_shown(own.database, own.agent_id, since=asked_at):
        if time.monotonic() > deadline:
            return
        time.sleep(_LOOK_SECONDS)
