"""Every route against every kind of caller."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from hephaestus_core.access.service import ensure_token
from hephaestus_core.config import load_settings
from hephaestus_web.app import create_app
from hephaestus_web.auth import ROUTES, Need
from tests.waiting import wait_until
from tests.web_server import WebServer

ROLES = ("viewer", "operator", "admin")
COVERS = {
    Need.VIEWER: {"viewer", "operator", "admin"},
    Need.OPERATOR: {"operator", "admin"},
    Need.ADMIN: {"admin"},
    Need.ANY_TOKEN: {"viewer", "operator", "admin"},
}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, for its list of routes."""
    overrides = {
        "home": tmp_path_factory.mktemp("home"),
        "database_url": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
    }
    return create_app(load_settings(environ={}, overrides=overrides))


@pytest.fixture(scope="module")
def tokens(web: WebServer) -> dict[str, str]:
    """A token of each role."""
    found = {role: f"token-of-{role}" for role in ROLES}
    for role, token in found.items():
        ensure_token(web.database, name=f"some {role}", role=role, token=token)  # type: ignore[arg-type]
    return found


def requests_of(routes: Flask) -> Iterator[tuple[Need, str, str]]:
    """Yield what each route needs, its method, and its path with made-up ids."""
    identity = str(uuid4())
    for rule in routes.url_map.iter_rules():
        values: dict[str, Any] = dict.fromkeys(rule.arguments, "none")
        for name, converter in rule._converters.items():
            values[name] = UUID(identity) if type(converter).__name__ == "UUIDConverter" else "none"
        built = rule.build(values)
        assert built is not None
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield ROUTES[rule.endpoint], method, built[1]


@pytest.mark.parametrize("caller", ["nobody", "stranger", *ROLES])
def test_every_route_lets_in_whom_its_need_covers(
    web: WebServer, routes: Flask, tokens: dict[str, str], caller: str
) -> None:
    token = tokens.get(caller, "wrong" if caller == "stranger" else None)
    with web.client(token) as client:
        for need, method, path in requests_of(routes):
            status = client.request(method, path).status_code
            if (method, path) == ("POST", "/login"):
                assert status == 401, "a login without a token is refused by the login itself"
            elif need is Need.NOTHING:
                assert status not in {401, 403}, (method, path)
            elif caller in {"nobody", "stranger"}:
                assert status == 401, (method, path)
            elif caller in COVERS[need]:
                assert status not in {401, 403}, (method, path)
            else:
                assert status == 403, (method, path)


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


def test_a_refusal_says_what_role_it_takes(web: WebServer, tokens: dict[str, str]) -> None:
    with web.client(tokens["operator"]) as client:
        refused = client.post("/api/v1/hosts/a/drain", json={"drain": True})
    assert refused.json()["code"] == "forbidden"
    assert "admin" in refused.json()["detail"]
