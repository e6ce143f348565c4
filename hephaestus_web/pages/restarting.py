"""Restarting several failed tasks of a workflow at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import render_template, request

from hephaestus_core.contract.errors import HephaestusError, InvalidInput
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.tasks import service
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database

#: Tasks that one press restarts, each in a transaction of its own.
_MOST: Final = 100


@dataclass(frozen=True)
class Tried:
    """A task that was to be restarted."""

    task: TaskView
    obstacle: str | None
    """Why it was not; None: it is queued again."""


@blueprint.post("/workflows/<uuid:workflow_id>/restart-failed")
def restart_failed(workflow_id: UUID) -> str:
    """Queue the chosen failed tasks again, or all of them, and say of each what came of it."""
    shown = get_workflow(database(), workflow_id)
    every = "all" in request.form
    tasks = _failed(workflow_id) if every else _chosen(workflow_id, request.form.getlist("task"))
    if not tasks:
        raise InvalidInput("No task is selected; select failed tasks first.", field="task")
    return render_template(
        "workflow/restarted.html", workflow=shown, tried=[_restarted(task) for task in tasks]
    )


def _failed(workflow_id: UUID) -> Sequence[TaskView]:
    page = service.list_tasks(
        database(), workflow_id=workflow_id, status=TaskStatus.FAILED, limit=_MOST
    )
    return page.items


def _chosen(workflow_id: UUID, ids: Sequence[str]) -> list[TaskView]:
    """Return the tasks with these ids, each once.

    Raises:
        InvalidInput: one is no task of this workflow, or they are too many.
    """
    if len(ids) > _MOST:
        raise InvalidInput(f"At most {_MOST} tasks are restarted at once.", field="task")
    try:
        tasks = [service.get_task(database(), UUID(given)) for given in dict.fromkeys(ids)]
    except ValueError:
        raise InvalidInput("'task' is no id of a task.", field="task") from None
    if any(task.workflow_id != workflow_id for task in tasks):
        raise InvalidInput("A selected task is of another workflow.", field="task")
    return tasks


def _restarted(task: TaskView) -> Tried:
    if task.status != TaskStatus.FAILED:
        return Tried(task, f"It is {task.status.replace('_', ' ')} meanwhile, not failed.")
    try:
        service.restart_task(database(), task.id)
    except HephaestusError as error:
        return Tried(task, error.message)
    return Tried(task, None)
