"""Every kind of caller that the doors can meet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text

from hephaestus_core.access.service import ensure_token
from hephaestus_core.agents.views import Trouble
from tests.engine import Engine
from tests.integration.web.browsing import browser, hidden, log_in
from tests.web_server import ADMIN, WebServer

ROLES = ("viewer", "operator", "admin")


@dataclass(frozen=True)
class Caller:
    """Somebody, and how their requests look."""

    client: httpx.Client
    role: str | None = None
    """None: nobody who is let in to people's routes."""
    scopes: tuple[str, ...] = ()
    is_agent: bool = False
    uses_cookie: bool = False
    csrf: str | None = None
    """What the forms of this caller carry."""

    def request(self, method: str, path: str) -> httpx.Response:
        """Send an empty request, as a form where this caller sends forms."""
        form: dict[str, Any] = {} if self.csrf is None else {"data": {"csrf_token": self.csrf}}
        return self.client.request(method, path, **({} if method == "GET" else form))


def _with_token(web: WebServer, token: str | None, **known: Any) -> Caller:
    return Caller(web.client(token), **known)


def _person(web: WebServer, role: str, column: str | None = None) -> Caller:
    token = f"token-of-{role}-{column}-that-is-long-enough"
    ensure_token(web.database, name=f"{role}-{column}", role=role, token=token)  # type: ignore[arg-type]
    if column is None:
        return _with_token(web, token, role=role)
    with web.database.transaction() as session:
        ended = text(f"UPDATE api_tokens SET {column} = now() WHERE name = '{role}-{column}'")
        session.execute(ended)
    return _with_token(web, token)


def _narrowed(web: WebServer) -> Caller:
    token = "token-of-a-pipeline-that-is-long-enough"
    ensure_token(web.database, name="pipeline", role="operator", token=token)
    with web.database.transaction() as session:
        narrow = "UPDATE api_tokens SET scopes = '{read,tasks}' WHERE name = 'pipeline'"
        session.execute(text(narrow))
    return _with_token(web, token, role="operator", scopes=("read", "tasks"))


def _agent(web: WebServer, *, ended: bool) -> Caller:
    engine = Engine(web.database).with_host("callers", slots=100)
    engine.start_workflow()
    engine.create(priority="critical")
    agent = engine.claimed("callers")
    token = f"heph_agent_{agent.id}"
    engine.run(agent, token=token)
    if ended:
        engine.end(agent, failure=Trouble("permanent", "the test says so"))
    return _with_token(web, token, is_agent=True)


def _logged_in(web: WebServer, *, csrf: bool) -> Caller:
    client = browser(web)
    log_in(client, ADMIN)
    token = hidden(client.get("/").text, "csrf_token") if csrf else None
    return Caller(client, role="admin", uses_cookie=True, csrf=token)


CALLERS: dict[str, Callable[[WebServer], Caller]] = {
    "nobody": lambda web: _with_token(web, None),
    "a stranger": lambda web: _with_token(web, "wrong"),
    "an expired token": lambda web: _person(web, "admin", "expires_at"),
    "a revoked token": lambda web: _person(web, "admin", "revoked_at"),
    **{role: lambda web, role=role: _person(web, role) for role in ROLES},  # type: ignore[misc]
    "a narrowed token": _narrowed,
    "a live agent": lambda web: _agent(web, ended=False),
    "an ended agent": lambda web: _agent(web, ended=True),
    "a login": lambda web: _logged_in(web, csrf=True),
    "a forged form": lambda web: _logged_in(web, csrf=False),
}
