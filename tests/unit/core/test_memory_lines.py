"""Memories as lines of JSON."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.statuses import MemoryType
from hephaestus_core.memory.lines import line_of, read_line
from hephaestus_core.memory.rules import MemoryView

LEARNED = datetime(2026, 1, 31, 12, 0, 30, 5, tzinfo=UTC)
TASK, AGENT = UUID(int=7), UUID(int=8)
KNOWN = MemoryView(
    id=UUID(int=1),
    type=MemoryType.WARNING,
    text="Migrations lock the orders table:\nrun them at night — always.",
    also=["At night alone migrations of orders may run."],
    tags=["db"],
    files=["orders/a.py"],
    repository="/srv/git/shop.git",
    is_global=True,
    task_id=TASK,
    agent_id=AGENT,
    commit="a" * 40,
    created_at=LEARNED,
    saved_at=datetime(2026, 3, 1, tzinfo=UTC),
    useful=3,
)


def test_a_line_says_all_that_an_import_reads_again() -> None:
    line = line_of(KNOWN)
    assert "\n" not in line
    read = read_line(line.encode())
    assert (read.repository, read.is_global) == (KNOWN.repository, True)
    assert (read.order.text, read.order.tags, read.order.files) == (
        *(KNOWN.text, KNOWN.tags),
        KNOWN.files,
    )
    assert [each.text for each in read.also] == KNOWN.also
    assert (read.task_id, read.agent_id, read.commit) == (TASK, AGENT, KNOWN.commit)
    assert read.created_at == LEARNED
    assert read_line(line.encode(), repository="/else").repository == "/else"


def test_little_is_enough_for_a_line() -> None:
    told = {"repository": "r", "type": "learning", "text": "Tests need a database first."}
    read = read_line(json.dumps({**told, "also": None, "created_at": None}).encode())
    assert (read.is_global, read.also, read.task_id, read.created_at) == (False, [], None, None)
    later = read_line(json.dumps({**told, "created_at": "2026-01-31T13:00:00+01:00"}).encode())
    assert later.created_at == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": None}, "'text' must be a text"),
        ({"text": "short"}, "at least 15"),
        ({"type": "rumour"}, "rumour"),
        ({"type": ["warning"]}, "'type' must be a text"),
        ({"repository": " "}, "'repository' is empty"),
        ({"repository": "r" * 2000}, "at most 600"),
        ({"is_global": "yes"}, "true or false"),
        ({"also": "one"}, "list of texts"),
        ({"also": ["Six texts are too many."] * 6}, "at most 5"),
        ({"files": [{}]}, "must be a text"),
        ({"commit": "HEAD; rm"}, "hexadecimal"),
        ({"task_id": "none"}, "UUID"),
        ({"created_at": "yesterday"}, "must be a time"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "must be a time"),
        ({"tag": ["db"]}, "did you mean 'tags'"),
    ],
)
def test_what_a_line_may_not_say(change: dict[str, Any], words: str) -> None:
    told = {"repository": "r", "type": "learning", "text": "Tests need a database first."}
    with pytest.raises(InvalidInput, match=words):
        read_line(json.dumps({**told, **change}).encode())


@pytest.mark.parametrize(
    "line", [b"[1]", b"{", b"\xff{}", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b"NaN"]
)
def test_a_line_that_is_no_object(line: bytes) -> None:
    with pytest.raises(InvalidInput, match="more than|JSON object"):
        read_line(line)


def test_a_missing_value_is_named() -> None:
    for missing in ("repository", "type", "text"):
        told = {"repository": "r", "type": "learning", "text": "Tests need a database first."}
        del told[missing]
        with pytest.raises(InvalidInput, match=f"'{missing}' is missing"):
            read_line(json.dumps(told).encode())


def test_a_line_beyond_the_bound_is_not_read() -> None:
    with pytest.raises(InvalidInput, match="more than 200,000 bytes"):
        read_line(b'{"text": "' + b"x" * 200_000 + b'"}')
