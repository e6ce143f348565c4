"""Tools that wait, for a bounded time, until something happens."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.events.log import EventView
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.tasks.service import get_task
from hephaestus_core.tasks.states import ENDED
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.mcp.identity import CallContext, PersonDoor, person_door
from hephaestus_web.mcp.waits import waiting

#: Most seconds of a wait; clients give up on a tool after 30 to 60.
LONGEST_WAIT: Final = 25
#: Events in one answer.
_MOST_EVENTS: Final = 100

Wait = Annotated[
    float, Field(ge=0, le=LONGEST_WAIT, description="Seconds to wait; call again to wait on.")
]


@dataclass(frozen=True)
class WaitedTask:
    """A task, and whether it has ended: done, failed or cancelled."""

    ended: bool
    task: TaskView


@dataclass(frozen=True)
class Watched:
    """What happened in a workflow, and how it stands."""

    status: str
    condition: ConditionView
    live_tasks: int
    events: list[EventView]
    last_seq: int


async def wait_for_task(
    context: CallContext,
    task_id: Annotated[UUID, Field(description="From create_task or get_tasks.")],
    wait_seconds: Wait = 20,
) -> WaitedTask:
    """Wait until a task has ended or the time is up; call again while it has not ended."""
    wait = partial(_ended, task_id, wait_seconds)
    return await waiting(person_door(context), wait_seconds, wait)


async def watch_workflow(
    context: CallContext,
    workflow_id: Annotated[UUID, Field(description="From start_workflow or list_workflows.")],
    after: Annotated[
        int, Field(ge=0, le=2**53, description="last_seq of the call before; 0: from the start.")
    ] = 0,
    wait_seconds: Wait = 20,
) -> Watched:
    """Read a workflow's events after an event number, oldest first; wait if there is none yet."""
    wait = partial(_watched, workflow_id, after, wait_seconds)
    return await waiting(person_door(context), wait_seconds, wait)


def _ended(task_id: UUID, seconds: float, own: PersonDoor) -> WaitedTask:
    deadline = time.monotonic() + seconds
    feed = own.feed
    while True:
        # The number before the task, so that no change is missed in between.
        newest = feed.newest
        task = get_task(own.database, task_id)
        left = deadline - time.monotonic()
        if task.status in ENDED or left <= 0:
            return WaitedTask(task.status in ENDED, task)
        events, _ = feed.read(newest, limit=1, wait=left, workflow_id=task.workflow_id)
        if not events:  # the time is up, or the server is stopping
            deadline = time.monotonic()


def _watched(workflow_id: UUID, after: int, seconds: float, own: PersonDoor) -> Watched:
    get_workflow(own.database, workflow_id)
    events, last_seq = own.feed.read(
        after, limit=_MOST_EVENTS, wait=seconds, workflow_id=workflow_id
    )
    workflow = get_workflow(own.database, workflow_id)
    return Watched(workflow.status, workflow.condition, workflow.live_tasks, events, last_seq)
