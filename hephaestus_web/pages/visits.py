"""Notes that people are here, so that each is told what happened since."""

import time
from typing import Final
from uuid import UUID

from flask import current_app, g, request

from hephaestus_core.access.service import Person
from hephaestus_core.visits.service import note_visit
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database

_KEY: Final = "hephaestus.visits"
#: Seconds within which one person is noted once by a process.
_EVERY: Final = 60.0
#: Most people that a process remembers.
_MOST: Final = 1000


@blueprint.before_request
def note() -> None:
    """Note that the visitor is here, if it is a person's own request."""
    visitor = g.get("caller")
    if not isinstance(visitor, Person) or visitor.token_id is None or _is_by_itself():
        return
    noted: dict[UUID, float] = current_app.extensions.setdefault(_KEY, {})
    now = time.monotonic()
    if now - noted.get(visitor.token_id, -_EVERY) < _EVERY:
        return
    if len(noted) >= _MOST:
        noted.clear()
    note_visit(database(), visitor.token_id)
    noted[visitor.token_id] = now


def _is_by_itself() -> bool:
    """Say whether a script has sent the request to keep a page fresh, maybe with nobody there."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return "X-Parts" in request.headers or mode != "navigate"
