"""Finding a page by a few words or the beginning of an id, for the palette and as a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app, render_template, request, url_for

from hephaestus_core.contract.errors import AmbiguousId, InvalidInput, NotFound
from hephaestus_core.contract.ids import LEAST, IdKind
from hephaestus_core.definitions.service import list_definitions
from hephaestus_core.ids.service import FoundId, find_id
from hephaestus_core.workflows.store import with_title
from hephaestus_web.access.auth import access_of, caller, may
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.pages.navigation import LINKS
from hephaestus_web.wiring import database

#: Characters of what is looked for.
_LONGEST: Final = 200
#: Most workflows that are listed.
_MOST: Final = 8
#: Endpoint and argument of the page of a thing.
_PAGES: Final = {
    IdKind.WORKFLOW: ("pages.workflow", "workflow_id"),
    IdKind.TASK: ("pages.task", "task_id"),
    IdKind.AGENT: ("pages.agent", "agent_id"),
}


@dataclass(frozen=True)
class Place:
    """A page that was found."""

    kind: str
    title: str
    path: str


@blueprint.get("/find")
def find() -> str:
    """Show the pages that some words lead to; all of the main ones without words."""
    words = request.args.get("q", "")[:_LONGEST].strip()
    return render_template("find.html", words=words, found=list(_places(words)))


def _places(words: str) -> Iterator[Place]:
    yield from _by_id(words)
    for endpoint, title in LINKS:
        if words.lower() in title.lower():
            yield Place("page", title, url_for(endpoint))
    if may(caller(), access_of("pages.start")):
        for each in list_definitions(database(), offered_only=True):
            if words.lower() in f"launch {each.name}".lower():
                path = url_for("pages.launch", definition_id=each.id)
                yield Place("launch", f"Launch {each.name}", path)
    with database().reading() as session:
        titles = with_title(session, words, limit=_MOST)
    for workflow_id, title in titles.items():
        yield Place("workflow", title, url_for("pages.workflow", workflow_id=workflow_id))


def _by_id(words: str) -> Iterator[Place]:
    if len(words) < LEAST:
        return
    kinds = [kind for kind, (page, _) in _PAGES.items() if page in current_app.view_functions]
    try:
        yield _place_of(find_id(database(), words, kinds))
    except AmbiguousId as error:
        for each in error.details["candidates"]:
            yield _place_of(FoundId(**each))
    except (NotFound, InvalidInput):
        return


def _place_of(found: FoundId) -> Place:
    page, name = _PAGES[IdKind(found.kind)]
    values: dict[str, Any] = {name: found.id}
    return Place(found.kind, str(found.id), url_for(page, **values))
