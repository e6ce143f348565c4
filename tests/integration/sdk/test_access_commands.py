"""Commands about tokens and the audit log, and texts that a terminal would obey."""

import json
import re
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
from click.testing import CliRunner

from hephaestus_core.agents.views import Trouble
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.main import main
from hephaestus_sdk.cli.report import ExitCode
from hephaestus_sdk.client import HephaestusClient
from tests.integration.sdk.commands import ABSENT
from tests.integration.sdk.conftest import Players
from tests.integration.web.browsing import browser, log_in
from tests.web_server import WebServer

Run = Callable[..., tuple[int, str, str]]
#: Clears the screen, sets the title, answers back, and the same begun by one C1 character.
HOSTILE = "look \x1b[2J\x1b]0;owned\x07\x1b[6n \x9b2J \u202e here"


@pytest.fixture
def run(api_url: str, token: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `hephaestus …`; returns its exit code and what it printed, on stdout and on stderr."""
    monkeypatch.setenv("HEPHAESTUS_URL", api_url)
    monkeypatch.setenv("HEPHAESTUS_TOKEN", token)

    def call(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, arguments)
        return result.exit_code, result.stdout, result.stderr

    return call


@pytest.fixture
def name(run: Run) -> Iterator[str]:
    """A name of this test's own, with no token left under it."""
    name = f"ci-{uuid4().hex[:8]}"
    yield name
    run("token", "revoke", name)


def test_a_token_from_its_making_to_its_end(run: Run, api_url: str, name: str) -> None:
    made = run("token", "create", name, "--role", "operator", "--scope", "read", "--expires", "30d")
    code, secret, note = made
    assert (code, secret.count("\n")) == (0, 1)
    assert "shown only now" in note
    with HephaestusClient(api_url, secret.strip()) as client:
        assert client.hosts() is not None
    code, listed, _ = run("token", "list", "--json")
    [found] = [item for item in json.loads(listed) if item["name"] == name]
    assert (found["role"], found["scopes"], found["created_by"]) == ("operator", ["read"], "admin")
    assert secret.strip() not in listed
    assert f"{name}\toperator\tread\tadmin" in run("token", "list")[1]
    assert run("token", "create", name)[0] == ExitCode.CONFLICT
    assert run("token", "revoke", name) == (0, f"{name} is revoked\n", "")
    assert run("token", "revoke", name)[0] == ExitCode.NOT_FOUND
    assert run("token", "list", "--token", secret.strip())[0] == ExitCode.NOT_ALLOWED


def test_a_new_token_as_json_has_its_secret(run: Run, name: str) -> None:
    made = json.loads(run("token", "create", name, "--json")[1])
    assert made["token"].startswith("heph_api_")
    assert (made["role"], made["expires_at"]) == ("viewer", None)


@pytest.mark.parametrize(
    "arguments",
    [("--expires", "soon"), ("--expires", "0d"), ("--role", "root"), ("--scope", "everything")],
)
def test_what_cannot_be_is_refused(run: Run, name: str, arguments: tuple[str, str]) -> None:
    assert run("token", "create", name, *arguments)[0] == ExitCode.BAD_INPUT


def test_the_audit_log_is_read(run: Run, name: str) -> None:
    run("token", "create", name)
    code, output, _ = run("audit", "--json", "--limit", "1")
    [entry] = json.loads(output)
    assert code == 0
    assert (entry["actor"], entry["action"], entry["status"]) == (
        "admin",
        "tokens.create_token",
        201,
    )
    assert entry["target"] == {"created": name}
    assert f"admin\tadmin\ttokens.create_token\tcreated={name}\t127.0.0.1\t201" in run("audit")[1]


def test_no_text_of_an_agent_reaches_a_terminal_as_it_is(
    run: Run, sdk: HephaestusSDK, players: Players, web: WebServer
) -> None:
    workflow = str(sdk.workflow_id)
    sdk.create_task(HOSTILE)
    engine = players.of(workflow)
    agent = engine.run(engine.claimed())
    _write_output(web, str(agent.id), HOSTILE)
    engine.report_done(agent, HOSTILE)
    engine.end(agent, failure=Trouble("agent_fault", HOSTILE))
    task = str(agent.task_id)
    shown = [
        run(*command, *form)
        for command in (
            ("task", task),
            ("tasks", "--workflow", workflow),
            ("workflow", workflow),
            ("agents", "--all", "--workflow", workflow),
            ("queue",),
        )
        for form in ((), ("--json",))
    ]
    shown += [run("output", str(agent.id)), run("output", str(agent.id), "--json")]
    shown.append(run("submit", "x", "--workflow", workflow, "--phase", HOSTILE))
    printed = "".join(stdout + stderr for _, stdout, stderr in shown)
    assert "look" in printed
    assert [char for char in printed if ord(char) < 32 and char not in "\t\n"] == []
    assert [char for char in printed if 0x7F <= ord(char) <= 0x9F] == []


def _write_output(web: WebServer, agent_id: str, text: str) -> None:
    folder = web.home / "host" / "agents" / agent_id
    folder.mkdir(parents=True)
    (folder / "pane.log").write_text(text, encoding="utf-8")


def test_a_login_link_logs_in_once(run: Run, web: WebServer) -> None:
    code, link, note = run("login-link")
    assert (code, link.count("\n")) == (0, 1)
    assert link.startswith(f"{web.url}/login#heph_login_")
    assert "once, within 10 minutes" in note
    for expected in (303, 401):
        with browser(web) as visitor:
            assert log_in(visitor, link).status_code == expected
    made = json.loads(run("login-link", "--json")[1])
    assert made["url"].startswith(f"{web.url}/login#heph_login_")
    assert made["expires_at"]


def test_open_shows_a_thing_in_the_browser_and_logs_in_without_telling_the_link_to_others(
    run: Run, web: WebServer, sdk: HephaestusSDK, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = sdk.create_task("Mend the mast")
    opened = tmp_path / "opened"
    fake = tmp_path / "browser"
    fake.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    fake.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(fake))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for thing, page in {"": "/", sdk.workflow_id: "/workflows/", task: "/tasks/"}.items():
        assert run("open", *([thing] if thing else [])) == (0, "", "")
        forwarding = Path(unquote(urlsplit(opened.read_text().splitlines()[-1]).path))
        assert forwarding.stat().st_mode & 0o077 == 0
        [link] = re.findall('url=([^"]+)', forwarding.read_text())
        assert parse_qs(urlsplit(link).query).get("next", ["/"]) == [page + thing]
        with browser(web) as visitor:
            entered = log_in(visitor, link, page + thing)
            assert entered.headers["Location"] == page + thing
    assert "heph_login" not in opened.read_text()
    assert run("open", ABSENT)[0] == ExitCode.NOT_FOUND
    monkeypatch.setenv("BROWSER", "")
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    code, link, note = run("open", "inbox")
    assert (code, "open the link yourself" in note) == (0, True)
    assert link.startswith(f"{web.url}/login?next=/inbox#heph_login_")
