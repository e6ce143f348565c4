"""The audit log records each request of a known caller that changes something.

An entry is written after the answer is decided and before it is sent, in a transaction of its own,
so it says how the request ended, refusals included. A process that is killed in between leaves a
change without an entry; the event of the change is in the event log. An entry that cannot be
written goes to the process's log and does not undo the change.
"""

import logging
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, request, session
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.access.audit import Deed, record
from hephaestus_core.access.service import Person, holder_of_hash
from hephaestus_core.contract.errors import HephaestusError, InvalidInput
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database
from hephaestus_core.logging import log_event
from hephaestus_core.tokens import token_hash
from hephaestus_web.access.auth import LOGIN, bearer
from hephaestus_web.requests.idempotency import sent_key
from hephaestus_web.wiring import database

_log = logging.getLogger(__name__)

_READS: Final = {"GET", "HEAD", "OPTIONS"}
#: MCP tools write entries of their own; the acts of agents are events that name the agent.
_TOOLS: Final = "mcp.call"
#: A form that is sent to be looked at: it changes nothing, and may hold what no address should.
_LOOKS: Final = "pages.preview"
_LOGIN_FORM: Final = "pages.log_in"
#: Refusals of missing, wrong and too many wrong tokens.
_NOT_LET_IN: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}
#: Characters that are kept of a path segment in the place of an id.
_LONGEST_ID: Final = 200


def install(app: Flask) -> None:
    """Record the changes of every route of the application."""
    app.after_request(_record)


def write(database: Database, deed: Deed) -> None:
    """Write one entry, or log it if the database refuses."""
    try:
        record(database, deed)
    except (SQLAlchemyError, InvalidInput):
        log_event(_log, "audit record not written", level=logging.ERROR, **vars(deed))


def name_created(identity: object) -> None:
    """Name what a page has made, since its answer does not."""
    g.created = str(identity)


def _record(response: Response) -> Response:
    endpoint = request.endpoint
    if endpoint is None or request.method in _READS or _is_left_out(endpoint, response):
        return response
    try:
        actor = _actor()
        if actor is not None:
            write(database(), _deed(actor, endpoint, response))
    except SQLAlchemyError:
        log_event(_log, "audit record not written", level=logging.ERROR, action=endpoint)
    return response


def _is_left_out(endpoint: str, response: Response) -> bool:
    """Say whether nothing was to be changed, or an MCP tool was called, which writes its entry."""
    let_in = response.status_code not in _NOT_LET_IN
    return endpoint == _LOOKS or (endpoint == _TOOLS and let_in)


def _actor() -> Person | None:
    """Return the caller, also by a known token that is revoked, expired or too narrow."""
    caller: Person | None = g.get("caller")
    if caller is not None:
        return caller
    hashed = _tried()
    return None if hashed is None else holder_of_hash(database(), hashed)


def _tried() -> str | None:
    """Return the hash of the token of a refused request."""
    if request.endpoint == _LOGIN_FORM:
        return token_hash(request.form.get("token", "").strip())
    with suppress(HephaestusError):
        return token_hash(bearer())
    hashed: str | None = session.get(LOGIN)
    return hashed


def _deed(actor: Person, endpoint: str, response: Response) -> Deed:
    return Deed(
        actor=actor.name,
        role=actor.role,
        action=endpoint,
        target=_target(response),
        address=request.remote_addr or "",
        status=_status(response),
        idempotency_key=_key(),
    )


def _status(response: Response) -> int:
    """Return the status of the answer; a redirect to the login counts as 401."""
    led_away = "caller" not in g and response.status_code < HTTPStatus.BAD_REQUEST
    return HTTPStatus.UNAUTHORIZED if led_away else response.status_code


def _target(response: Response) -> dict[str, str]:
    named = request.view_args or {}
    target = {name: plain_text(str(value)[:_LONGEST_ID], name) for name, value in named.items()}
    if "created" in g:
        target["created"] = g.created
    elif response.status_code == HTTPStatus.CREATED:
        body = response.get_json(silent=True) or {}
        made = body.get("id") or body.get("name")
        if made:  # a message to all agents of a workflow has many ids
            target["created"] = str(made)
    return target


def _key() -> str | None:
    with suppress(InvalidInput):
        return sent_key()
    return None
