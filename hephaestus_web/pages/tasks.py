"""The page of one task, where people decide whether another task does its work."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.agents.details import TaskDetail, task_detail
from hephaestus_core.contract.ids import IdKind
from hephaestus_core.ids.service import find_id
from hephaestus_core.intake import rulings
from hephaestus_core.tasks import service
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.states import LIVE
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.access.auth import access_of, caller, may
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database


@blueprint.get("/tasks/<uuid:task_id>")
def task(task_id: UUID) -> str:
    """Show one task: its text, its relatives, its attempts, and the task that does its work."""
    shown = task_detail(database(), task_id)
    return render_template(
        "task.html",
        task=shown,
        other=_other(shown),
        may_be_duplicate=KINDS[shown.kind].is_compared and shown.status in LIVE,
        may_rule=may(caller(), access_of("tasks.is_duplicate")),
    )


def _other(shown: TaskDetail) -> TaskView | None:
    """Return the task that does its work, or that is like it."""
    other_id = shown.duplicate_of or shown.related_to
    return None if other_id is None else service.get_task(database(), other_id)


@blueprint.post("/tasks/<uuid:task_id>/not-duplicate")
def not_duplicate(task_id: UUID) -> ResponseReturnValue:
    """Let a duplicate run after all."""
    rulings.not_duplicate(database(), task_id)
    return redirect(url_for("pages.task", task_id=task_id), 303)


@blueprint.post("/tasks/<uuid:task_id>/duplicate")
def is_duplicate(task_id: UUID) -> ResponseReturnValue:
    """Withdraw the task, since the named one does its work."""
    other = find_id(database(), request.form.get("of", ""), [IdKind.TASK])
    rulings.is_duplicate(database(), task_id, of=other.id, reason=request.form.get("reason", ""))
    return redirect(url_for("pages.task", task_id=task_id), 303)
