"""Cases of the search for memories, and what is counted of the answers."""

import json
from pathlib import Path

import pytest

from bench.memory import CASES, Outcome, Query, misses, read_cases, rows

MEMORY = {"kind": "memory", "id": "m", "repository": "/r", "type": "warning"}
TEXT = {"text": "Tests need the database.", "files": ["a.py"]}
QUERY = {"kind": "query", "id": "q", "repository": "/r", "text": "Run the tests", "relevant": ["m"]}


@pytest.mark.parametrize(
    ("file", "memories", "queries", "without"),
    [
        ("memory", 100, 80, 20),
        ("memory_further", 100, 80, 20),
        ("memory_held_out", 30, 40, 10),
        ("memory_paraphrased", 100, 80, 20),
        ("memory_projects", 60, 60, 20),
    ],
)
def test_the_cases_are_many_and_sound(file: str, memories: int, queries: int, without: int) -> None:
    cases = read_cases(CASES.with_name(f"{file}.jsonl"))
    assert len(cases.memories) >= memories
    assert len(cases.queries) >= queries
    assert sum(not query.relevant for query in cases.queries) >= without
    assert len({query.id for query in cases.queries}) == len(cases.queries)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no JSON", "line 2: not a case"),
        (json.dumps({**MEMORY, "text": "Tests need it, really."}), "line 2: not a case"),
        (json.dumps({**QUERY, "kind": "answer"}), "line 2: not a case"),
        (json.dumps({**QUERY, "relevant": ["other"]}), "query q names other"),
    ],
)
def test_what_is_no_case_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{json.dumps({**MEMORY, **TEXT})}\n{line}\n")
    with pytest.raises(SystemExit, match=told):
        read_cases(file)


def test_shares_are_over_queries_with_and_without_an_answer() -> None:
    def outcome(found: list[str], *wanted: str) -> Outcome:
        return Outcome(Query("q", "/r", "text", frozenset(wanted)), found, frozenset(wanted))

    outcomes = [outcome(["x", "a"], "a"), outcome([], "b"), outcome(["a"]), outcome([])]
    values = {name: row.value for name, row in rows(outcomes).items()}
    assert values == {"memory_recall": 0.5, "memory_mrr": 0.25, "memory_false_finds": 0.5}
    assert misses(outcomes).splitlines() == [
        "q: missed b; found nothing",
        "q: false find; found a",
    ]
