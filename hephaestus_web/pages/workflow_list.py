"""The list of all workflows, by condition and by words of the title."""

from typing import Final

from flask import render_template, request

from hephaestus_core.contract.conditions import Condition
from hephaestus_core.lifecycle import service
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.wiring import database

#: Workflows on one page.
_PAGE: Final = 25
#: Characters of a search.
_LONGEST: Final = 200


@blueprint.get("/workflows")
def workflow_list() -> str:
    """Show the newest workflows, of one condition or with words in the title where asked for."""
    cursor = cursor_key(request.args.get("cursor"))
    condition = request.args.get("condition") or None
    title = " ".join(request.args.get("title", "")[:_LONGEST].split())
    items, following = service.list_workflows(
        database(), condition=condition, title=title or None, limit=_PAGE, cursor=cursor
    )
    return render_template(
        "workflow_list.html",
        workflows=items,
        conditions=list(Condition),
        condition=condition,
        title=title,
        next_cursor=cursor_text(following),
    )
