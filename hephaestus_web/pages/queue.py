"""The page of what waits to start, in the order in which it does."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.agents.service import live_count
from hephaestus_core.tasks import service
from hephaestus_core.tasks.queue import queue_status
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.cursors import place_of, place_text
from hephaestus_web.wiring import database, wiring

#: Tasks on one page.
_PAGE = 50


@blueprint.get("/queue")
def queue() -> str:
    """Show what waits to start."""
    status = queue_status(database(), limit=_PAGE, after=place_of(request.args.get("cursor")))
    return render_template(
        "lists/queue.html",
        status=status,
        running=live_count(database()),
        most=wiring().settings.max_concurrent_agents,
        next_cursor=place_text(status.next),
    )


@blueprint.post("/queue/<uuid:task_id>/bump")
def bump(task_id: UUID) -> ResponseReturnValue:
    """Start a queued task at once, beyond every limit."""
    service.bump_task(database(), task_id)
    return redirect(url_for("pages.queue"), 303)
