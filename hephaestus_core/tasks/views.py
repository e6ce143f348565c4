"""Tasks as readers see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hephaestus_core.contract.duplicates import duplicate_in_words
from hephaestus_core.contract.statuses import TaskKind, TaskStatus
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.rules import PRIORITY_NAMES, branch_of


@dataclass(frozen=True)
class TaskView:
    """One task; times are UTC."""

    id: UUID
    workflow_id: UUID
    phase_id: int | None
    phase_name: str | None
    kind: TaskKind
    title: str
    description: str
    done_definition: str
    status: TaskStatus
    priority: str
    boosted: bool
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime
    due_at: datetime | None
    parent_task_id: UUID | None
    created_by_agent_id: UUID | None
    created_by: str
    agent_id: UUID | None
    """Id of the newest attempt's agent; None before the first."""
    attempt: int
    branch: str | None
    summary: str | None
    key_learnings: list[str]
    nothing_follows: str | None
    """The agent's reason for which nothing has to follow, though its phase leads on."""
    failure_class: str | None
    failure_reason: str | None
    merge_commit: str | None
    result_id: UUID | None
    duplicate_of: UUID | None
    """The task that does the work of this one; its status is *duplicated*."""
    related_to: UUID | None
    """A task of its phase that was alike when it was created."""
    similarity: float | None
    """Share of their words that both have, 0 to 1."""
    similarity_reason: str | None
    """Why they count as duplicates, or as related, in words."""
    queue_position: int | None = None


def duplicate_told(task: TaskView) -> str | None:
    """Return what the creator of a duplicate is told; None: the task is none."""
    if task.duplicate_of is None:
        return None
    return duplicate_in_words(task.id, task.duplicate_of, task.similarity_reason)


def view(task: Task, phase_name: str | None, queue_position: int | None = None) -> TaskView:
    """Return the task as readers see it."""
    return TaskView(
        id=task.id,
        workflow_id=task.workflow_id,
        phase_id=task.phase_id,
        phase_name=phase_name,
        kind=task.kind,
        title=task.title,
        description=task.description,
        done_definition=task.done_definition,
        status=task.status,
        priority=PRIORITY_NAMES[task.priority],
        boosted=task.boosted,
        created_at=task.created_at,
        queued_at=task.queued_at,
        started_at=task.started_at,
        completed_at=task.completed_at,
        updated_at=task.updated_at,
        due_at=task.due_at,
        parent_task_id=task.parent_task_id,
        created_by_agent_id=task.creator_agent_id,
        created_by=task.created_by,
        agent_id=task.agent_id,
        attempt=task.attempt,
        branch=branch_of(task.id, task.attempt) if task.attempt else None,
        summary=task.summary,
        key_learnings=task.key_learnings,
        nothing_follows=task.nothing_follows,
        failure_class=task.failure_class,
        failure_reason=task.failure_reason,
        merge_commit=task.merge_commit,
        result_id=task.result_id,
        duplicate_of=task.duplicate_of,
        related_to=task.related_to,
        similarity=task.similarity,
        similarity_reason=task.similarity_reason,
        queue_position=queue_position,
    )
