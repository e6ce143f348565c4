"""Links that log a browser in: once, soon, and without a trace."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

import hephaestus_web
from hephaestus_core.access.service import ensure_token
from hephaestus_core.access.wrong_tokens import LIMITS
from hephaestus_core.tokens import token_hash
from tests.integration.web.browsing import browser, log_in
from tests.web_server import WebServer

SCRIPT = Path(hephaestus_web.__file__).parent / "static" / "login.js"

#: What the script finds in place of a browser: a tab that shows the form, at the given address.
TAB = """
const { readFileSync } = require("node:fs");
const { runInThisContext } = require("node:vm");
const [script, hash, later] = process.argv.slice(1);
const field = { value: "" };
const form = { requestSubmit: () => console.log(`sends ${field.value}`) };
globalThis.location = { hash, pathname: "/login", search: "?next=/" };
globalThis.history = { replaceState: (_state, _title, url) => console.log(`shows ${url}`) };
globalThis.document = { getElementById: (id) => (id === "token" ? field : form) };
const listeners = {};
globalThis.addEventListener = (name, call) => { listeners[name] = call; };
runInThisContext(readFileSync(script, "utf8"));
if (later) {
  location.hash = later;
  listeners.hashchange();
}
"""


@pytest.fixture(autouse=True)
def _no_wrong_tokens_yet(web: WebServer) -> None:
    with web.database.transaction() as session:
        session.execute(text("DELETE FROM wrong_tokens"))


def new_code(web: WebServer) -> str:
    with web.client() as client:
        answer = client.post("/api/v1/login-codes")
    assert answer.status_code == 201, answer.text
    code: str = answer.json()["code"]
    return code


def is_logged_in(client: httpx.Client) -> bool:
    return client.get("/").status_code == 200


@pytest.mark.parametrize("pasted", ["{code}", "{url}/login#{code}", "  {code}\n"])
def test_a_code_or_its_link_logs_in_once(web: WebServer, pasted: str) -> None:
    given = pasted.format(code=new_code(web), url=web.ui_url)
    with browser(web) as client:
        led = log_in(client, given, following="/docs")
        assert (led.status_code, led.headers["Location"]) == (303, "/docs")
        assert is_logged_in(client)
    with browser(web) as client:
        refused = log_in(client, given)
        assert refused.status_code == 401
        assert "was used before or is older than 10 minutes" in refused.text
        assert "hephaestus login-link" in refused.text
        assert not is_logged_in(client)


def test_a_code_that_is_ten_minutes_old_is_refused_and_then_deleted(web: WebServer) -> None:
    code = new_code(web)
    with web.database.transaction() as session:
        session.execute(
            text("UPDATE login_codes SET expires_at = expires_at - CAST(:life AS interval)"),
            {"life": timedelta(minutes=10)},
        )
    with browser(web) as client:
        assert log_in(client, code).status_code == 401
    new_code(web)
    with web.database.reading() as session:
        assert session.scalars(text("SELECT code_hash FROM login_codes")).all() != []
        assert token_hash(code) not in session.scalars(text("SELECT code_hash FROM login_codes"))


def test_of_two_who_open_a_link_at_once_one_is_let_in(web: WebServer) -> None:
    def opens(_: int) -> int:
        with browser(web) as client:
            return log_in(client, code).status_code

    code = new_code(web)
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(opens, range(6)))
    assert statuses == [303] + [401] * 5


def test_a_code_is_kept_as_a_hash_and_written_nowhere(web: WebServer) -> None:
    code = new_code(web)
    with browser(web) as client:
        assert log_in(client, code).status_code == 303
        log_in(client, code)
    with web.database.reading() as session:
        for table in ("login_codes", "audit", "events"):
            rows = session.scalars(text(f"SELECT t::text FROM {table} AS t")).all()
            assert not any(code in row for row in rows), table
    assert code not in web.log.read_text()


def test_a_login_by_code_is_in_the_audit_log_under_its_maker(web: WebServer) -> None:
    code = new_code(web)
    with browser(web) as client:
        log_in(client, code)
    with web.client() as client:
        [login, making] = client.get("/api/v1/audit", params={"limit": 2}).json()["items"]
    assert (login["action"], login["actor"], login["status"]) == ("pages.log_in", "admin", 303)
    assert (making["action"], making["status"]) == ("login-codes.create_login_code", 201)


def test_the_login_ends_with_the_token_of_its_maker(web: WebServer) -> None:
    ensure_token(web.database, name="amy", role="admin", token="amys")
    with web.client("amys") as client:
        code, late = (client.post("/api/v1/login-codes").json()["code"] for _ in range(2))
    with browser(web) as visitor:
        assert log_in(visitor, code).status_code == 303
        with web.client() as client:
            client.post("/api/v1/tokens/amy/revoke").raise_for_status()
        assert not is_logged_in(visitor)
    with browser(web) as visitor:
        assert log_in(visitor, late).status_code == 401


def test_a_wrong_token_gets_a_sentence_for_people(web: WebServer) -> None:
    with browser(web) as client:
        client.headers["Accept"] = "*/*"
        refused = log_in(client, "wrong")
    assert refused.headers["Content-Type"].startswith("text/html")
    assert "This token is unknown, expired or revoked" in refused.text
    assert "Bearer" not in refused.text


def test_the_form_gives_no_other_site_its_address(web: WebServer) -> None:
    with browser(web) as client:
        assert client.get("/login").headers["Referrer-Policy"] == "no-referrer"
        assert log_in(client, "wrong").headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_codes_are_made_by_administrators(web: WebServer, role: str) -> None:
    ensure_token(web.database, name=f"a-{role}", role=role, token=f"of-{role}")  # type: ignore[arg-type]
    with web.client(f"of-{role}") as client:
        assert client.post("/api/v1/login-codes").status_code == 403


@pytest.mark.parametrize("later", [False, True])
def test_the_script_sends_the_code_and_takes_it_out_of_the_address(later: bool) -> None:
    hashes = ["", "#heph_login_x"] if later else ["#heph_login_x"]
    argv = ["node", "-e", TAB, "--", SCRIPT, *hashes]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines() == ["shows /login?next=/", "sends heph_login_x"]


def test_wrong_codes_count_as_guesses(web: WebServer) -> None:
    """The last test: the web process remembers an address beyond its limit for a minute."""
    with browser(web) as client:
        statuses = [log_in(client, "heph_login_guess").status_code for _ in range(LIMITS["login"])]
        assert statuses == [401] * LIMITS["login"]
        refused = log_in(client, "heph_login_guess")
        assert refused.status_code == 429
        assert "Retry-After" in refused.headers
        assert "Too many wrong tokens" in refused.text
        assert 'name="token"' in refused.text, "the form stays"
        assert log_in(client, new_code(web)).status_code == 303
