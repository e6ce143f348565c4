"""Who may do what: one table of routes, and the guard that every request passes.

A route that is not in the table is closed. People and programs send an API token; browsers may
send the session cookie of a login instead, to pages and to reads of the API. What changes
something takes a form of our own pages, or a token: no other site can make a browser send either.
"""

from enum import Enum
from typing import Final

from flask import Flask, g, request, session

from hephaestus_core.access.service import AgentCaller, Person, agent_of
from hephaestus_core.errors import Forbidden, Unauthenticated
from hephaestus_core.tokens import is_agent_token
from hephaestus_web.forms import is_our_form
from hephaestus_web.wiring import database, wiring


class Need(Enum):
    """What a route asks of its caller."""

    NOTHING = "nothing"
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    ANY_TOKEN = "any token"  # noqa: S105 - the name of a need
    """A person's or an agent's; what each may do with it is decided behind the route."""


#: What each role of a person covers.
_COVERS: Final[dict[str, frozenset[Need]]] = {
    "viewer": frozenset({Need.VIEWER}),
    "operator": frozenset({Need.VIEWER, Need.OPERATOR}),
    "admin": frozenset({Need.VIEWER, Need.OPERATOR, Need.ADMIN}),
}

#: Flask endpoint → what it needs. A test holds this table and the routes together.
ROUTES: Final[dict[str, Need]] = {
    "health.health": Need.NOTHING,
    "health.ready": Need.NOTHING,
    "static": Need.NOTHING,
    "api-docs.openapi_json": Need.VIEWER,
    "definitions.list_definitions": Need.VIEWER,
    "definitions.get_definition": Need.VIEWER,
    "definitions.save_definition": Need.OPERATOR,
    "workflows.start_workflow": Need.OPERATOR,
    "workflows.list_workflows": Need.VIEWER,
    "workflows.get_workflow": Need.VIEWER,
    "workflows.stop_workflow": Need.OPERATOR,
    "workflows.approve_workflow": Need.OPERATOR,
    "workflows.summarize_workflow": Need.VIEWER,
    "workflows.list_workflow_results": Need.VIEWER,
    "workflows.list_workflow_merges": Need.VIEWER,
    "tasks.create_task": Need.OPERATOR,
    "tasks.list_tasks": Need.VIEWER,
    "tasks.get_task": Need.VIEWER,
    "tasks.cancel_task": Need.OPERATOR,
    "tasks.restart_task": Need.OPERATOR,
    "tasks.bump_task": Need.OPERATOR,
    "queue.get_queue": Need.VIEWER,
    "agents.list_agents": Need.VIEWER,
    "agents.get_agent": Need.VIEWER,
    "agents.get_output": Need.VIEWER,
    "agents.message_agent": Need.OPERATOR,
    "agents.stop_agent": Need.OPERATOR,
    "hosts.list_hosts": Need.VIEWER,
    "hosts.drain_host": Need.ADMIN,
    "events.list_events": Need.VIEWER,
    "mcp.call": Need.ANY_TOKEN,
    "pages.login": Need.NOTHING,
    "pages.log_in": Need.NOTHING,
    "pages.log_out": Need.VIEWER,
    "pages.index": Need.VIEWER,
    "pages.launch": Need.OPERATOR,
    "pages.start": Need.OPERATOR,
    "pages.workflow": Need.VIEWER,
    "pages.approve": Need.OPERATOR,
    "pages.stop": Need.OPERATOR,
}

#: Key in the session cookie of the hash of the token that was used to log in.
LOGIN: Final = "token_hash"


def install(app: Flask) -> None:
    """Guard every route of the application."""
    app.before_request(guard)


def guard() -> None:
    """Let the request pass if its caller may.

    Raises:
        Unauthenticated: no token, or one that is wrong or expired.
        Forbidden: a good token that does not allow this.
    """
    if request.endpoint is None:  # no such route: the routing says so
        return
    need = ROUTES.get(request.endpoint)
    if need is Need.NOTHING:
        return
    if need is Need.ANY_TOKEN:
        g.caller = _token_holder()
        return
    person = _person()
    check(person, request.endpoint)
    g.caller = person


def need_of(endpoint: str) -> Need | None:
    """Return what a route needs; None: nobody may use it."""
    return ROUTES.get(endpoint)


def may(person: Person, endpoint: str) -> bool:
    """Say whether a person may use a route."""
    return need_of(endpoint) in _COVERS[person.role]


def check(person: Person, endpoint: str) -> None:
    """Refuse a person what a route does, unless they may use it.

    Raises:
        Forbidden: their role does not cover it.
    """
    if not may(person, endpoint):
        need = need_of(endpoint)
        wanted = "nobody's" if need is None else f"at least the {need.value} role"
        raise Forbidden(f"This takes {wanted}; '{person.name}' has the role {person.role}.")


def caller() -> Person:
    """Return the person or program that the guard has let in."""
    person: Person = g.caller
    return person


def logged_in() -> Person | None:
    """Return who the session cookie says is logged in; None when nobody is.

    Raises:
        Unauthenticated: the token of that login has expired or was revoked.
    """
    hashed = session.get(LOGIN)
    return None if hashed is None else wiring().people.by_hash(hashed)


def _person() -> Person:
    if "Authorization" not in request.headers:
        person = logged_in()
        if person is not None and _takes_cookie():
            return person
    return wiring().people.by_token(_bearer())


def _token_holder() -> Person | AgentCaller:
    token = _bearer()
    if is_agent_token(token):
        return agent_of(database(), token)
    return wiring().people.by_token(token)


def _takes_cookie() -> bool:
    if request.method in {"GET", "HEAD"}:
        return True
    if request.blueprint != "pages":
        return False
    if not is_our_form():
        raise Forbidden("This form was out of date; load the page again and send it once more.")
    return True


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a token: 'Authorization: Bearer …'.")
    return token.strip()
