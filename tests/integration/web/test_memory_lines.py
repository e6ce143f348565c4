"""Memories carried from one stack to another as lines of JSON, over the API."""

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hephaestus_core import tables  # noqa: F401 - makes all tables known
from hephaestus_core.contract.memory_lines import MEDIA_TYPE, MOST_LINES
from hephaestus_core.db.engine import Database
from hephaestus_core.memory import importing
from hephaestus_core.memory.service import page_of_memories
from hephaestus_sdk import HephaestusClient
from hephaestus_sdk.errors import Forbidden
from tests.statements import counted
from tests.web_server import ADMIN, WebServer

SHOP = "/srv/git/carried.git"
LINES = {"Content-Type": MEDIA_TYPE}
PROVENANCE = {
    "task_id": str(uuid4()),
    "agent_id": str(uuid4()),
    "commit": "c" * 40,
    "created_at": "2026-01-31T12:00:00Z",
}
WHOLE: dict[str, Any] = {
    "repository": SHOP,
    "is_global": False,
    "type": "warning",
    "text": "Migrations lock the orders table: run them at night.",
    "also": ["Run the migrations at night, as they lock the orders table."],
    "tags": ["db"],
    "files": ["orders/a.py"],
    **PROVENANCE,
}


@pytest.fixture
def client(web: WebServer) -> Iterator[HephaestusClient]:
    with web.database.transaction() as session:
        session.execute(text("DELETE FROM memories"))
    with HephaestusClient(web.url, token=ADMIN) as made:
        yield made


def sent(api: httpx.Client, *lines: Any, **params: str) -> dict[str, Any]:
    """Import lines; return what was done."""
    told = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    answer = api.post(
        "/api/v1/memories/import", content="\n".join(told), headers=LINES, params=params
    )
    answer.raise_for_status()
    done: dict[str, Any] = answer.json()
    return done


def test_where_something_was_learned_survives_a_round_trip(
    client: HephaestusClient, api: httpx.Client
) -> None:
    everywhere = {**WHOLE, "is_global": True, "also": [], "tags": []}
    assert sent(api, WHOLE, everywhere)["added"] == 2
    answer = api.get("/api/v1/memories/export")
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    written = [json.loads(line) for line in answer.text.splitlines()]
    assert sorted(written, key=lambda each: bool(each["is_global"])) == [WHOLE, everywhere]
    for memory in client.memories():
        assert (memory.task_id, memory.origin_task_id) == (None, PROVENANCE["task_id"])
        client.delete_memory(memory.id)
    assert sent(api, *written)["added"] == 2
    again = api.get("/api/v1/memories/export").text
    assert sorted(again.splitlines()) == sorted(answer.text.splitlines())
    assert {entry.action for entry in client.audit(limit=20)} >= {"memories.import_memories"}


def test_the_texts_of_many_lines_are_read_in_as_many_statements_as_one(web: WebServer) -> None:
    def statements(count: int) -> int:
        told = (f"Plank {uuid4()} of boat {uuid4()} was tarred in spring." for _ in range(count))
        lines = [json.dumps({**WHOLE, "text": each, "also": []}) for each in told]
        with counted(web.database) as sent:
            done = importing.import_lines(web.database, "\n".join(lines).encode())
        assert (done.added, done.known) == (count, 0)
        return len(sent)

    statements(1)
    few, many = statements(5), statements(15)
    assert (many - few) / 10 <= 10


def test_a_second_import_adds_nothing(client: HephaestusClient, api: httpx.Client) -> None:
    same_words = {**WHOLE, "text": WHOLE["text"].upper(), "also": []}
    elsewhere = {**WHOLE, "repository": "/srv/git/other.git"}
    everywhere = {**WHOLE, "is_global": True}
    lines = (WHOLE, "", same_words, elsewhere, everywhere)
    assert sent(api, *lines) == {"added": 3, "known": 1, "faulty": 0, "faults": []}
    before = [(each.id, each.also) for each in client.memories()]
    assert sent(api, *lines) == {"added": 0, "known": 4, "faulty": 0, "faults": []}
    assert [(each.id, each.also) for each in client.memories()] == before
    assert sent(api, WHOLE, repository="/srv/git/third.git")["added"] == 1
    assert len(client.memories(repository="/srv/git/third.git")) == 1


def test_faulty_lines_are_named_and_the_others_taken(
    client: HephaestusClient, api: httpx.Client
) -> None:
    done = sent(api, "[1]", WHOLE, *[{**WHOLE, "type": "rumour"}] * 30)
    assert (done["added"], done["faulty"], len(done["faults"])) == (1, 31, 20)
    assert done["faults"][0]["line"] == 1
    assert "no JSON object" in done["faults"][0]["message"]
    assert [each["line"] for each in done["faults"][1:]] == [*range(3, 22)]
    # The SDK sends parts; lines count from the begin of the file.
    good = (json.dumps({**WHOLE, "text": f"Rule {n}: keep it so, always."}) for n in range(520))
    told = client.import_memories(f"{line}\n" for line in [*good, "{}", *["x" * 300_000] * 30])
    assert (told.added + told.known, told.faulty, len(told.faults)) == (520, 31, 20)
    assert told.faults[0].line == 521
    assert "more than 200,000 bytes" in told.faults[1].message


def test_an_import_is_bounded(client: HephaestusClient, api: httpx.Client) -> None:
    def refused(content: str, headers: dict[str, str] = LINES) -> int:
        return api.post("/api/v1/memories/import", content=content, headers=headers).status_code

    line = json.dumps(WHOLE)
    assert refused("\n".join([line] * (MOST_LINES + 1))) == 422
    assert refused(line, {"Content-Type": "application/json"}) == 415
    assert sent(api, "\n" * MOST_LINES)["added"] == 0
    assert refused("x" * 1_100_000) == 413
    assert client.memories() == []


def test_an_export_is_read_in_pages(
    client: HephaestusClient, api: httpx.Client, monkeypatch: pytest.MonkeyPatch, web: WebServer
) -> None:
    texts = [f"Door {n} is painted in colour {n + 1000}." for n in range(7)]
    sent(api, *({**WHOLE, "text": each, "also": []} for each in texts))
    forgotten = client.add_memory(SHOP, "warning", "The port of tests is 7000 on Mondays.")
    with web.database.transaction() as session:
        session.execute(
            text(
                "UPDATE memories SET forgotten_at = now(), forgotten_because = 'wrong' "
                "WHERE id = :id"
            ),
            {"id": forgotten.id},
        )
    monkeypatch.setattr(importing, "_PAGE", 3)
    parts = list(importing.exported(web.database))
    assert [part.count("\n") for part in parts] == [3, 3, 1]
    told = [json.loads(line)["text"] for part in parts for line in part.splitlines()]
    assert sorted(told) == texts
    known, _ = page_of_memories(web.database, forgotten=False)
    assert told == [each.text for each in known]
    file = io.StringIO()
    assert client.export_memories(file, forgotten=True) == 1
    assert json.loads(file.getvalue())["text"] == forgotten.text
    assert client.export_memories(io.StringIO(), repository="/nowhere") == 0


def test_an_export_that_cannot_begin_says_so_at_once() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none", connections=2)
    try:
        with pytest.raises(OperationalError):
            importing.exported(away)
    finally:
        away.close()


def test_who_may_only_read_exports_and_does_not_import(
    client: HephaestusClient, web: WebServer
) -> None:
    client.add_memory(SHOP, "warning", WHOLE["text"], is_global=True)
    token = client.create_token("carrier", role="viewer")
    with HephaestusClient(web.url, token=token.token) as viewer:
        assert viewer.export_memories(io.StringIO()) == 1
        with pytest.raises(Forbidden):
            viewer.import_memories([json.dumps(WHOLE)])
    client.revoke_token("carrier")
