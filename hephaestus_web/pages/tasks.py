"""The page of one task: what was asked, what came of it, what happened, and the acts on it."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.agents.details import TaskDetail, task_detail
from hephaestus_core.budgets.service import budget_of
from hephaestus_core.conditions.waiting import why_not_yet
from hephaestus_core.contract.event_sentences import sentence
from hephaestus_core.contract.ids import IdKind
from hephaestus_core.costs import sums
from hephaestus_core.events.log import EventView, read_newest
from hephaestus_core.ids.service import find_id
from hephaestus_core.intake import rulings
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.messages.mailbox import page_of_messages
from hephaestus_core.reviews.service import page_of_reviews
from hephaestus_core.tasks import service
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.states import ENDED, LIVE
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.history.service import commits_of
from hephaestus_web.pages import fields
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database, wiring

#: Newest reviews, messages and events on the page; the API has them all.
_REVIEWS = 10
_MESSAGES = 20
_EVENTS = 100


@blueprint.get("/tasks/<uuid:task_id>")
def task(task_id: UUID) -> str:
    """Show one task; its commits, which git is asked for, only on request."""
    shown = task_detail(database(), task_id)
    asks = "commits" in request.args
    with database().reading() as session:
        events = read_newest(session, limit=_EVENTS, task_id=task_id)
        spent = sums.of_agents(session, [each.id for each in shown.attempts])
    return render_template(
        "task.html",
        task=shown,
        workflow=get_workflow(database(), shown.workflow_id),
        waits=why_not_yet(database(), task_id),
        other=_other(shown),
        reviews=page_of_reviews(database(), task_id=task_id, limit=_REVIEWS)[0],
        messages=page_of_messages(database(), task_id=task_id, limit=_MESSAGES)[0],
        events=[(event, _told(event)) for event in events],
        spent=spent,
        history=commits_of(database(), wiring().settings, task_id) if asks else None,
        budget=budget_of(database(), task_id),
        is_live=shown.status in LIVE,
        may_restart=shown.status in ENDED and not shown.duplicate_of,
        may_be_duplicate=KINDS[shown.kind].is_compared and shown.status in LIVE,
    )


def _told(event: EventView) -> str:
    """Return what an event says, beginning with a capital."""
    words = sentence(event, "the task")
    return words[:1].upper() + words[1:]


def _other(shown: TaskDetail) -> TaskView | None:
    """Return the task that does its work, or that is like it."""
    other_id = shown.duplicate_of or shown.related_to
    return None if other_id is None else service.get_task(database(), other_id)


@blueprint.post("/tasks/<uuid:task_id>/restart")
def restart(task_id: UUID) -> ResponseReturnValue:
    """Queue an ended task again, from the work that was saved of it."""
    service.restart_task(database(), task_id)
    return _back(task_id)


@blueprint.post("/tasks/<uuid:task_id>/cancel")
def cancel(task_id: UUID) -> ResponseReturnValue:
    """Cancel a task; its agent is stopped and its work kept."""
    reason = fields.text("reason") or "cancelled in the browser"
    service.cancel_task(database(), task_id, reason=reason)
    return _back(task_id)


@blueprint.post("/tasks/<uuid:task_id>/bump")
def bump_task(task_id: UUID) -> ResponseReturnValue:
    """Start a queued task at once, beyond every limit."""
    service.bump_task(database(), task_id)
    return _back(task_id)


@blueprint.post("/tasks/<uuid:task_id>/not-duplicate")
def not_duplicate(task_id: UUID) -> ResponseReturnValue:
    """Let a duplicate run after all."""
    rulings.not_duplicate(database(), task_id)
    return _back(task_id)


@blueprint.post("/tasks/<uuid:task_id>/duplicate")
def is_duplicate(task_id: UUID) -> ResponseReturnValue:
    """Withdraw the task, since the named one does its work."""
    other = find_id(database(), request.form.get("of", ""), [IdKind.TASK])
    rulings.is_duplicate(database(), task_id, of=other.id, reason=request.form.get("reason", ""))
    return _back(task_id)


def _back(task_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("pages.task", task_id=task_id), 303)
