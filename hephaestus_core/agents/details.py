"""A task with its attempts and relatives, and its timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.service import views_of
from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.statuses import TaskKind, TaskStatus
from hephaestus_core.db.engine import Database
from hephaestus_core.enrichment.models import TaskHint
from hephaestus_core.enrichment.rules import HintsView
from hephaestus_core.enrichment.store import hints_view
from hephaestus_core.events.log import EventView, read_after
from hephaestus_core.tasks import store
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.phase_names import NAMED
from hephaestus_core.tasks.queue import position
from hephaestus_core.tasks.relatives import relatives
from hephaestus_core.tasks.views import TaskView, view

#: Most children in a detail; the list of tasks has the rest, page by page.
_MOST_CHILDREN: Final = 100
#: Most attempts in a detail: more than any retry policy allows.
_MOST_ATTEMPTS: Final = 200

#: One round trip for what there is one of: every reader of a task waits for it.
_TASK: Final = (
    NAMED.add_columns(TaskHint)
    .outerjoin(TaskHint, TaskHint.task_id == Task.id)
    .where(Task.id == bindparam("task_id"))
)
#: Only the newest prompt is read, since prompts may be large.
_ATTEMPTS: Final = (
    select(Agent, case((func.row_number().over(order_by=Agent.attempt.desc()) == 1, Agent.prompt)))
    .where(Agent.task_id == bindparam("task_id"))
    .order_by(Agent.attempt.desc())
    .limit(_MOST_ATTEMPTS)
)


@dataclass(frozen=True)
class TaskBrief:
    """A task in a few words; the description is cut off."""

    id: UUID
    phase_id: int | None
    kind: TaskKind
    status: TaskStatus
    title: str
    description: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskDetail(TaskView):
    """A task with its attempts, the newest prompt, its parent and its children."""

    attempts: list[AgentView]
    """Oldest first."""
    prompt: str | None
    """Prompt of the newest attempt; None before the first start."""
    parent: TaskBrief | None
    children: list[TaskBrief]
    """Oldest first, at most 100; `GET /tasks?parent_task_id=…` pages through them all."""
    after: list[TaskBrief]
    """The tasks that must be done before it starts."""
    hints: HintsView | None
    """What a model was asked about it; None: nothing."""


@dataclass(frozen=True)
class Timeline:
    """Events of a task, oldest first; ``last_seq`` is the number for the next call."""

    items: list[EventView]
    last_seq: int
    attempts: list[AgentView]


def task_detail(db: Database, task_id: UUID) -> TaskDetail:
    """Return one task with its attempts and relatives.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        row = session.execute(_TASK, {"task_id": task_id}).one_or_none()
        read, phase_name, hints = row or (None, None, None)
        found = store.found(read, task_id)
        task = view(found, phase_name, position(session, found))
        attempts = _attempts(session, task_id)
        titles = {task_id: task.title}
        around = relatives(session, task_id, task.parent_task_id, most_children=_MOST_CHILDREN)
        briefs = {relation: [TaskBrief(**row) for row in rows] for relation, rows in around.items()}
        return TaskDetail(
            **vars(task),
            after=briefs.get("before", []),
            attempts=views_of(session, [agent for agent, _ in attempts], titles),
            hints=hints_view(hints),
            prompt=attempts[-1][1] if attempts else None,
            parent=next(iter(briefs.get("parent", ())), None),
            children=briefs.get("child", []),
        )


def timeline(db: Database, task_id: UUID, *, after: int = 0, limit: int = 500) -> Timeline:
    """Return a task's events after a number, and its attempts.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        store.get(session, task_id)
        events = read_after(session, after, limit=limit, task_id=task_id)
        return Timeline(
            items=events,
            last_seq=events[-1].seq if events else after,
            attempts=views_of(session, [agent for agent, _ in _attempts(session, task_id)]),
        )


def _attempts(session: Session, task_id: UUID) -> list[tuple[Agent, str | None]]:
    """Return the newest attempts, oldest first, and the prompt of the newest of them."""
    found = session.execute(_ATTEMPTS, {"task_id": task_id})
    return [(row[0], row[1]) for row in found][::-1]
