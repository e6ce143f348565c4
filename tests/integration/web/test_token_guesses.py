"""Wrong tokens by the dozen: bounded across processes, without Redis, and for nobody else."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import text

from hephaestus_core.access.wrong_tokens import LIMITS, WINDOW
from tests.integration.web.browsing import browser, log_in
from tests.servers import Postgres
from tests.web_server import WebServer, running_web

PROXY = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def guarded(
    postgres_server: Postgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """Two web processes behind a proxy, without Redis."""
    url = postgres_server.create_database(migrated_template)
    folder = tmp_path_factory.mktemp("guarded")
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FORWARDED_ALLOW_IPS", "127.0.0.1")
            server = stack.enter_context(running_web(folder, url, None, "-w", "2"))
        yield server
    postgres_server.drop_database(url)


@pytest.fixture(autouse=True)
def _no_wrong_tokens_yet(guarded: WebServer) -> None:
    with guarded.database.transaction() as session:
        session.execute(text("DELETE FROM wrong_tokens"))


def guess(web: WebServer, address: str) -> httpx.Response:
    """Try a token from an address, on a connection of its own."""
    headers = {"Authorization": "Bearer wrong", "X-Forwarded-For": address}
    return httpx.get(f"{web.url}/api/v1/hosts", headers=headers)


def test_guesses_beyond_the_limit_are_put_off(guarded: WebServer) -> None:
    answers = [guess(guarded, "192.0.2.1") for _ in range(LIMITS["api"] + 20)]
    assert [a.status_code for a in answers] == [401] * LIMITS["api"] + [429] * 20
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert "192.0.2.1" in refused.json()["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= WINDOW.total_seconds()
    assert guess(guarded, "192.0.2.2").status_code == 401, "another address is not concerned"
    with guarded.client() as client:
        right = client.get("/api/v1/hosts", headers={"X-Forwarded-For": "192.0.2.1"})
        assert right.status_code == 200, "a right token is let in, whoever sits behind it"


def test_logins_beyond_the_limit_are_put_off(guarded: WebServer) -> None:
    with browser(guarded) as client:
        client.headers["X-Forwarded-For"] = "192.0.2.3"
        statuses = [log_in(client, "wrong").status_code for _ in range(LIMITS["login"])]
        assert statuses == [401] * LIMITS["login"]
        refused = log_in(client, "wrong")
        assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
        assert "Too many wrong tokens" in refused.text
        assert log_in(client).status_code == 303


def test_the_limit_is_over_with_its_window(guarded: WebServer) -> None:
    with guarded.database.transaction() as session:
        over = {"address": "192.0.2.4", "number": LIMITS["api"] + 1, "window": WINDOW}
        session.execute(
            text("INSERT INTO wrong_tokens VALUES ('api', :address, :number, now() - :window)"),
            over,
        )
    assert guess(guarded, "192.0.2.4").status_code == 401


def test_a_request_without_a_token_is_no_guess(guarded: WebServer) -> None:
    with guarded.client(None) as client:
        for _ in range(5):
            assert client.get("/api/v1/hosts").status_code == 401
    with guarded.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM wrong_tokens")).scalar() == 0


def test_a_flood_of_guesses_costs_nobody_else_much(guarded: WebServer) -> None:
    for _ in range(LIMITS["api"] + 5):
        guess(guarded, "192.0.2.5")
    with guarded.client() as client:
        began = time.monotonic()
        assert client.get("/api/v1/hosts").status_code == 200
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_behind_tls_the_cookie_and_the_browser_stay_with_tls(
    guarded: WebServer, scheme: str
) -> None:
    with browser(guarded) as client:
        client.headers["X-Forwarded-Proto"] = scheme
        # The client speaks HTTP to us, so that it would not send a Secure cookie back.
        answer = client.get("/login")
    secure = scheme == "https"
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure
    assert ("Strict-Transport-Security" in answer.headers) is secure


def test_nobody_but_a_trusted_proxy_tells_where_a_request_comes_from(web: WebServer) -> None:
    with web.client() as client:
        client.put(
            "/api/v1/workflow-definitions/x", json={}, headers={"X-Forwarded-For": "192.0.2.9"}
        )
        [newest] = client.get("/api/v1/audit", params={"limit": 1}).json()["items"]
        page = client.get("/login", headers=PROXY)
    assert newest["address"] == "127.0.0.1"
    assert "Secure" not in page.headers["Set-Cookie"]
