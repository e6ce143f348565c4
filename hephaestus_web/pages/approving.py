"""Looking at work before it is approved: a workflow's before its delivery, a task's diff."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from hephaestus_core.changes.comments import Comment, in_words
from hephaestus_core.changes.diffs import task_diff as diff_of_task
from hephaestus_core.changes.diffs import workflow_diff as diff_of_workflow
from hephaestus_core.changes.risks import Risk, risks_of
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.errors import (
    CommitMoved,
    HephaestusError,
    InvalidInput,
    NotFound,
    ReviewDecided,
)
from hephaestus_core.contract.statuses import DeliveryStatus
from hephaestus_core.definitions.service import get_definition
from hephaestus_core.lifecycle import approving as deliveries
from hephaestus_core.lifecycle.orders import template_of
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.reviews.verdicts import decide
from hephaestus_core.summaries.looks import (
    Look,
    TaskLook,
    WorkflowLook,
    arrivals,
    awaits_person,
    look_at_task,
    look_at_workflow,
)
from hephaestus_core.workflows.states import APPROVABLE, RETURNABLE
from hephaestus_web.access.auth import access_of, caller, may
from hephaestus_web.pages import fields
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.pages.diff_lines import in_plain, shown
from hephaestus_web.pages.launch_fields import typed_values
from hephaestus_web.pages.shown_diffs import ShownDiff, files_of, piece_of, shown_diff
from hephaestus_web.wiring import database

#: The status of a check that found nothing.
_PASSED: Final = "passed"
#: Fields of a comment in the form, one of each per comment.
_COMMENT: Final = ("comment_path", "comment_place", "comment_text")


@dataclass(frozen=True)
class Bar:
    """The acts at the foot of the page; None: not now, or not by this person."""

    approve: str | None = None
    """Where the approval is posted to."""
    approve_words: str = ""
    send_back: str | None = None
    send_back_words: str = ""
    """What follows from sending it back."""


@blueprint.app_template_filter("visible")
def visible(text: str) -> Markup:
    """Return a name that an agent has chosen, with its invisible characters made visible."""
    return shown(text)


@blueprint.app_template_filter("in_plain")
def plain(text: str) -> str:
    """Return such a name for an attribute."""
    return in_plain(text)


@blueprint.get("/workflows/<uuid:workflow_id>/approve")
def approving(workflow_id: UUID) -> str:
    """Show all merged work of a workflow, with what a person needs in order to approve it."""
    look = look_at_workflow(database(), workflow_id)
    return _page(
        look,
        _bar_of_workflow(look),
        given=typed_values(_template(look.workflow.definition_id), look.launched_with),
        workflow=look.workflow,
        subject=workflow_id,
        commit=look.diff.commit or "",
        files=url_for("pages.workflow_file", workflow_id=workflow_id, number=0)[:-1],
    )


@blueprint.get("/tasks/<uuid:task_id>/diff")
def task_diff(task_id: UUID) -> str:
    """Show the work of a task; where a person is to judge it, with the acts."""
    look = look_at_task(database(), task_id)
    return _page(
        look,
        _bar_of_task(look),
        task=look.task,
        workflow=get_workflow(database(), look.task.workflow_id),
        subject=task_id,
        commit=look.review.commit if look.review else "",
        files=url_for("pages.task_file", task_id=task_id, number=0)[:-1],
    )


@blueprint.get("/workflows/<uuid:workflow_id>/diff/<int:number>")
def workflow_file(workflow_id: UUID, number: int) -> str:
    """Show one file of a workflow's diff, a piece at a time."""
    diff = diff_of_workflow(database(), workflow_id)
    return _file(diff, number, url_for("pages.approving", workflow_id=workflow_id))


@blueprint.get("/tasks/<uuid:task_id>/diff/<int:number>")
def task_file(task_id: UUID, number: int) -> str:
    """Show one file of a task's diff, a piece at a time."""
    diff = diff_of_task(database(), task_id)
    return _file(diff, number, url_for("pages.task_diff", task_id=task_id))


@blueprint.post("/workflows/<uuid:workflow_id>/approve")
def approve(workflow_id: UUID) -> ResponseReturnValue:
    """Let what was looked at go on to the base branch, or accept where that was moved to."""
    commit = fields.text("commit")
    try:
        deliveries.approve_delivery(database(), workflow_id, expected_commit=commit)
    except CommitMoved as moved:
        return _moved(workflow_id, commit, moved)
    return redirect(url_for("pages.workflow", workflow_id=workflow_id), 303)


@blueprint.post("/workflows/<uuid:workflow_id>/send-back")
def send_back(workflow_id: UUID) -> ResponseReturnValue:
    """Have the work of a workflow mended, as the text and the comments say."""
    commit = fields.text("commit")
    words = _words(diff_of_workflow(database(), workflow_id))
    try:
        task = deliveries.send_back(
            database(), workflow_id, feedback=words, by=caller().name, expected_commit=commit
        )
    except CommitMoved as moved:
        return _moved(workflow_id, commit, moved)
    return redirect(url_for("pages.task", task_id=task.id), 303)


@blueprint.post("/tasks/<uuid:task_id>/verdict")
def judge(task_id: UUID) -> ResponseReturnValue:
    """Let the work of a task pass, or send it back to its agent."""
    passed = fields.text("verdict") == "pass"
    words = fields.text("text") if passed else _words(diff_of_task(database(), task_id))
    commit, by = fields.text("commit"), caller().name
    try:
        decide(database(), task_id, passed=passed, feedback=words, commit=commit, decided_by=by)
    except ReviewDecided as refused:
        page = url_for("pages.task_diff", task_id=task_id)
        return _refused(refused, page, subject=str(task_id))
    return redirect(url_for("pages.task", task_id=task_id), 303)


def _page(look: Look, bar: Bar, **values: Any) -> str:
    diff = shown_diff(look.diff)
    return render_template(
        "approving/look.html", look=look, diff=diff, risks=_risks(look, diff), bar=bar, **values
    )


def _template(definition_id: str) -> LaunchTemplate | None:
    """Return the launch form of a definition; None if that was deleted, or has none."""
    try:
        return template_of(get_definition(database(), definition_id))
    except NotFound:
        return None


def _risks(look: Look, diff: ShownDiff) -> list[Risk]:
    failed = [check.name for check in look.checks if check.status != _PASSED]
    unseen = [*diff.incomplete, *[""] * diff.unlisted]
    kept = [each.path for each in look.conflicts if each.kept != "both"]
    return risks_of(diff.seen, kept=kept, failed_checks=failed, unseen=unseen)


def _bar_of_task(look: TaskLook) -> Bar:
    if not awaits_person(look) or not may(caller(), access_of("pages.judge")):
        return Bar()
    path = url_for("pages.judge", task_id=look.task.id)
    told = "The same agent mends it, in its session, and reports again."
    return Bar(path, "Pass", path, told)


def _bar_of_workflow(look: WorkflowLook) -> Bar:
    workflow = look.workflow
    status, check = workflow.delivery.status, workflow.delivery.check
    red = status == DeliveryStatus.HELD and check is not None and check.status != _PASSED
    approves = (status in APPROVABLE or red) and may(caller(), access_of("pages.approve"))
    returns = status in RETURNABLE and may(caller(), access_of("pages.send_back"))
    words = "Approve all the same" if red else "Approve"
    return Bar(
        url_for("pages.approve", workflow_id=workflow.id) if approves else None,
        f"{words} → {workflow.base_branch}",
        url_for("pages.send_back", workflow_id=workflow.id) if returns else None,
        "A new task mends it. The delivery waits for that, and for your next look.",
    )


def _file(diff: DiffView, number: int, page: str) -> str:
    """Return the page of one file; a browser with scripts takes its lines from there.

    Raises:
        NotFound: there is no such file.
        CommitMoved: the diff is one of another commit than the one that is asked for.
    """
    asked = request.args.get("commit", "")
    if asked and asked != diff.commit:
        raise CommitMoved("There is other work by now; look at the diff again from its beginning.")
    start = request.args.get("from", "")
    at = int(start) if start.isascii() and start.isdecimal() and len(start) < 9 else 0  # noqa: PLR2004
    file = piece_of(diff, number, start=at)
    if file is None:
        raise NotFound(f"The diff has no file with the number {number}.")
    return render_template("approving/file.html", file=file, start=at, page=page, diff=diff)


def _words(diff: DiffView) -> str:
    """Return the text and the comments of the form, each with the line that it is about."""
    given = [request.form.getlist(name) for name in _COMMENT]
    if len({len(values) for values in given}) != 1:
        raise InvalidInput("The comments of the form are incomplete.", field="comment")
    patches = {in_plain(file.path): file.patch for file in files_of(diff)} if given[0] else {}
    comments = []
    for path, place, text in zip(*given, strict=True):
        patch = patches.get(path)
        line = None if patch is None else patch.line_at(place)
        comments.append(Comment(path, place, line.text if line else "", text))
    return in_words(request.form.get("text", ""), comments)


def _moved(workflow_id: UUID, looked_at: str, moved: CommitMoved) -> Response:
    """Answer with what has come since the commit that was looked at."""
    came, is_known = arrivals(database(), workflow_id, since=looked_at)
    page = url_for("pages.approving", workflow_id=workflow_id)
    return _refused(
        moved, page, subject=str(workflow_id), came=came, is_known=is_known, looked_at=looked_at
    )


def _refused(error: HephaestusError, page: str, **values: Any) -> Response:
    text = request.form.get("text", "")
    said = [text, *request.form.getlist("comment_text")]
    html = render_template("approving/moved.html", error=error, page=page, said=said, **values)
    return Response(html, HTTPStatus.CONFLICT)
