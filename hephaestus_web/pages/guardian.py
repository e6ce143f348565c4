"""The page of the Guardian: whether agents are watched, and what it has done about them."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.guardian.following_up import report
from hephaestus_core.guardian.overruling import undo
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.undoable import undoable
from hephaestus_core.hosts.service import list_hosts
from hephaestus_core.tasks import store as tasks
from hephaestus_web.access.auth import caller
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.wiring import database, llm

#: Acts on one page.
_PAGE = 25


@blueprint.get("/guardian")
def guardian() -> str:
    """Show the sweeps of each host, the newest acts, and how good the models' judgements were."""
    acts, following = page_of_interventions(
        database(), limit=_PAGE, cursor=cursor_key(request.args.get("cursor"))
    )
    with database().reading() as session:
        titles = tasks.titles_of(session, {act.task_id for act in acts})
    return render_template(
        "lists/guardian.html",
        hosts=list_hosts(database()),
        acts=acts,
        undoable=undoable(database(), [act.id for act in acts]),
        titles=titles,
        report=report(database()),
        models=llm().state(),
        next_cursor=cursor_text(following),
    )


@blueprint.post("/guardian/<uuid:intervention_id>/undo")
def undo_act(intervention_id: UUID) -> ResponseReturnValue:
    """Take an act of the Guardian back."""
    undo(database(), intervention_id, by=caller().name)
    return redirect(url_for("pages.guardian"), 303)
