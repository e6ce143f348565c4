"""Every route against every kind of caller."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from hephaestus_core.access.service import ensure_token
from hephaestus_core.settings.config import load_settings
from hephaestus_web.access.auth import Access, Need, access_of
from hephaestus_web.app import create_app
from tests.integration.web.callers import CALLERS, Caller
from tests.waiting import wait_until
from tests.web_server import WebServer

COVERS = {
    Need.VIEWER: {"viewer", "operator", "admin"},
    Need.OPERATOR: {"operator", "admin"},
    Need.ADMIN: {"admin"},
}
REFUSED = {401, 403}
LOG_IN, LOG_OUT = "pages.log_in", "pages.log_out"


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, for its list of routes."""
    overrides = {
        "home": tmp_path_factory.mktemp("home"),
        "database_url": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
    }
    return create_app(load_settings(environ={}, overrides=overrides))


@pytest.fixture(autouse=True)
def _no_wrong_tokens_yet(web: WebServer) -> None:
    _forget_wrong_tokens(web)


def _forget_wrong_tokens(web: WebServer) -> None:
    """Have the next wrong token be the first: there are more routes than an address may guess."""
    with web.database.transaction() as session:
        session.execute(text("DELETE FROM wrong_tokens"))


def requests_of(routes: Flask) -> Iterator[tuple[str, Access, str, str]]:
    """Yield each route's endpoint, what it needs, its method, and its path with made-up ids."""
    identity = str(uuid4())
    # Last, since it ends a login.
    for rule in sorted(routes.url_map.iter_rules(), key=lambda rule: rule.endpoint == LOG_OUT):
        values: dict[str, Any] = dict.fromkeys(rule.arguments, "none")
        for name, converter in rule._converters.items():
            known = {"UUIDConverter": UUID(identity), "IntegerConverter": 0}
            values[name] = known.get(type(converter).__name__, "none")
        built, access = rule.build(values), access_of(rule.endpoint)
        assert built is not None
        assert access is not None
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield rule.endpoint, access, method, built[1]


def refusal_due(caller: Caller, endpoint: str, access: Access, method: str) -> int | None:
    """Return the status with which this caller must be refused; None: let in."""
    if access.need is Need.NOTHING:
        return None
    if access.need is Need.ANY_TOKEN:
        known = caller.is_agent or (caller.role is not None and not caller.uses_cookie)
        return None if known else 401
    if caller.role is None:
        return 401
    if caller.uses_cookie and method != "GET":
        if not endpoint.startswith("pages."):
            return 401
        if caller.csrf is None:
            return 403
    allowed = caller.role in COVERS[access.need]
    narrowed = caller.scopes and access.scope not in caller.scopes
    return 403 if narrowed or not allowed else None


@pytest.mark.parametrize("kind", list(CALLERS))
def test_every_route_lets_in_whom_the_table_says_and_nobody_else(
    web: WebServer, routes: Flask, kind: str
) -> None:
    caller = CALLERS[kind](web)
    with closing(caller.client):
        for number, (endpoint, access, method, path) in enumerate(requests_of(routes)):
            if number % 50 == 0:
                _forget_wrong_tokens(web)
            due = refusal_due(caller, endpoint, access, method)
            answer = caller.request(method, path)
            status, seen = answer.status_code, (kind, method, path, answer.text)
            if endpoint == LOG_IN:
                assert status == 401, "a login without a token is refused by the login itself"
            elif due is None:
                assert status not in REFUSED, seen
            else:
                assert status == due, seen


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_a_token_that_ends_is_refused_within_seconds(web: WebServer, column: str) -> None:
    token = f"ends-by-{column}"
    ensure_token(web.database, name=token, role="viewer", token=token)
    with web.client(token) as client:
        assert client.get("/api/v1/hosts").status_code == 200
        with web.database.transaction() as session:
            session.execute(
                text(f"UPDATE api_tokens SET {column} = now() WHERE name = :name"), {"name": token}
            )
        wait_until(
            lambda: client.get("/api/v1/hosts").status_code == 401,
            timeout=3,
            what="the token is refused",
        )


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Basic YTpi", "bearer\twrong", "Bearer a b", "Bearer " + "x" * 5000],
)
def test_a_header_that_is_no_token_is_refused(web: WebServer, header: str) -> None:
    with httpx.Client(base_url=web.url, headers={"Authorization": header}) as client:
        refused = client.get("/api/v1/hosts")
    assert refused.status_code == 401
    assert refused.json()["code"] == "unauthenticated"
    assert "x" * 100 not in refused.text


def test_a_refusal_says_what_role_it_takes(web: WebServer) -> None:
    with CALLERS["operator"](web).client as client:
        refused = client.post("/api/v1/hosts/a/drain", json={"drain": True})
    assert refused.json()["code"] == "forbidden"
    assert "admin" in refused.json()["detail"]
