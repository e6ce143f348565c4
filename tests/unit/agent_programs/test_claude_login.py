"""The login of Claude Code that agents in sandboxes share, and the person's own."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hephaestus_worker.agent_programs.claude import login

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SERVERS = {"mcpOAuth": {"mail": "secret"}}


def signed_in(token: str, hours: float) -> dict[str, Any]:
    ends = int((NOW + timedelta(hours=hours)).timestamp() * 1000)
    return {"claudeAiOauth": {"accessToken": token, "refreshToken": token, "expiresAt": ends}}


@pytest.fixture
def person(tmp_path: Path) -> Path:
    file = tmp_path / "person" / login.FILE
    file.parent.mkdir()
    return file


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "logins" / "claude"


@pytest.fixture
def copy(place: Path) -> Path:
    return login.shared_folder(place) / login.FILE


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def test_agents_get_the_login_and_nothing_else(person: Path, place: Path, copy: Path) -> None:
    person.write_text(json.dumps({**signed_in("a", 1), **SERVERS}))
    login.exchange(person, place, now=NOW)
    assert read(copy) == signed_in("a", 1)
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_renewal_by_an_agent_reaches_the_person(person: Path, place: Path, copy: Path) -> None:
    person.write_text(json.dumps({**signed_in("a", 1), **SERVERS}))
    login.exchange(person, place, now=NOW)
    renewed = copy.with_name("new")
    renewed.write_text(json.dumps(signed_in("b", 8)))
    renewed.replace(copy)
    login.exchange(person, place, now=NOW)
    assert read(person) == {**signed_in("b", 8), **SERVERS}
    assert read(copy) == signed_in("b", 8)


def test_a_renewal_by_the_person_reaches_the_agents(person: Path, place: Path, copy: Path) -> None:
    person.write_text(json.dumps(signed_in("a", 1)))
    login.exchange(person, place, now=NOW)
    person.write_text(json.dumps(signed_in("b", 8)))
    login.exchange(person, place, now=NOW)
    assert read(copy) == signed_in("b", 8)


def test_who_logs_out_is_logged_out_everywhere(person: Path, place: Path, copy: Path) -> None:
    person.write_text(json.dumps(signed_in("a", 1)))
    login.exchange(person, place, now=NOW)
    person.unlink()
    login.exchange(person, place, now=NOW)
    assert not copy.exists()
    assert not person.exists()


@pytest.mark.parametrize(
    "planted",
    [
        json.dumps(signed_in("forged", 24 * 365)),
        json.dumps({"claudeAiOauth": {"expiresAt": True}}),
        json.dumps({"claudeAiOauth": [1]}),
        "[" * 100_000,
        "",
    ],
    ids=["far too long", "no time", "no object", "deep", "empty"],
)
def test_nothing_else_of_an_agent_reaches_the_person(
    person: Path, place: Path, copy: Path, planted: str
) -> None:
    person.write_text(json.dumps(signed_in("a", 1)))
    login.exchange(person, place, now=NOW)
    copy.write_text(planted)
    login.exchange(person, place, now=NOW)
    assert read(person) == read(copy) == signed_in("a", 1)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_an_agent_puts_in_the_place_of_the_copy_is_removed(
    person: Path, place: Path, copy: Path, kind: str
) -> None:
    person.write_text(json.dumps(signed_in("a", 1)))
    copy.parent.mkdir(parents=True)
    other = place.parent / "other"
    other.write_text(json.dumps(signed_in("planted", 8)))
    make = {"link": lambda: copy.symlink_to(other), "folder": copy.mkdir, "pipe": None}[kind]
    make() if make else os.mkfifo(copy)
    login.exchange(person, place, now=NOW)
    assert read(copy) == read(person) == signed_in("a", 1)
    assert read(other) == signed_in("planted", 8)
