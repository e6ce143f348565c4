"""How well the search for memories finds what bears on a task, and nothing else.

The cases are those of tests/data, or of the file that the environment variable CASES names: lines
of JSON, of a memory (``{"kind": "memory", "id", "repository", "type", "text", "files"}``) or of a
query (``{"kind": "query", "id", "repository", "text", "relevant"}``, with ids of memories). The
memories are saved and searched as those of agents are, in a database of their own.
"""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bench.databases import new_database, settle
from bench.rows import Row, Target
from bench.surroundings import running_stack
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.memory.rules import MemoryOrder, checked
from hephaestus_core.memory.saving import Source, save
from hephaestus_core.memory.searching import search

CASES: Final = Path(__file__).resolve().parents[1] / "tests" / "data" / "memory.jsonl"
RECALL, FALSE_FINDS = Target(0.8, at_least=True), Target(0.2)
#: MRR has no target of its own.
_ANY: Final = Target(0, at_least=True)

#: Memories that a search may return.
_FOUND: Final = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A memory of the cases."""

    id: str
    repository: str
    order: MemoryOrder


@dataclass(frozen=True, slots=True)
class Query:
    """A question, with the ids of the memories that answer it."""

    id: str
    repository: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cases:
    """What is known, and what is asked."""

    memories: Sequence[Known]
    queries: Sequence[Query]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found for a query, best first; of joined memories the id of the first."""

    query: Query
    found: Sequence[str]
    wanted: frozenset[str]

    @property
    def recall(self) -> float:
        """The share of the relevant memories that was found; of queries that have one."""
        return len(self.wanted & set(self.found)) / len(self.wanted)

    @property
    def reciprocal_rank(self) -> float:
        """One by the place of the first relevant memory; 0: none was found."""
        places = [place for place, id_ in enumerate(self.found, 1) if id_ in self.wanted]
        return 1 / places[0] if places else 0.0


def measure() -> dict[str, Row]:
    """Return the rows ``memory_recall``, ``memory_mrr`` and ``memory_false_finds``."""
    cases = read_cases(Path(os.environ.get("CASES") or CASES))
    with running_stack() as stack, new_database(stack, "bench_memory") as (database, _):
        outcomes = score(database, cases)
    print(misses(outcomes), end="\n\n")
    return rows(outcomes)


def read_cases(file: Path) -> Cases:
    """Return the cases of a file; end the program if a line is none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"The cases of {file} cannot be read: {error}") from error
    read = [
        _case(line, f"{file}, line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    memories = [each for each in read if isinstance(each, Known)]
    queries = [each for each in read if isinstance(each, Query)]
    ids = {each.id for each in memories}
    for query in queries:
        if unknown := query.relevant - ids:
            raise SystemExit(f"{file}: query {query.id} names {min(unknown)}, which is no memory.")
    return Cases(memories, queries)


def _case(line: str, where: str) -> Known | Query:
    try:
        entry: Any = json.loads(line)
        id_, repository, text = (str(entry[name]) for name in ("id", "repository", "text"))
        if entry["kind"] == "query":
            return Query(id_, repository, text, frozenset(map(str, entry["relevant"])))
        if entry["kind"] == "memory":
            return Known(id_, repository, checked(entry["type"], text, files=entry["files"]))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidInput) as error:
        raise SystemExit(f"{where}: not a case ({type(error).__name__}: {error}).") from error
    raise SystemExit(f"{where}: not a case: kind has to be memory or query.")


def score(database: Database, cases: Cases) -> list[Outcome]:
    """Save the memories in an empty database and ask each query."""
    ids = _saved(database, cases.memories)
    settle(database)
    names: dict[UUID, str] = {}
    for name, id_ in ids.items():
        names.setdefault(id_, name)
    outcomes = []
    for query in cases.queries:
        with database.reading() as session:
            now = database_now(session)
            found = search(session, query.repository, query.text, now=now, limit=_FOUND)
        wanted = frozenset(names[ids[each]] for each in query.relevant)
        outcomes.append(Outcome(query, [names[each.id] for each in found], wanted))
    return outcomes


def _saved(database: Database, memories: Sequence[Known]) -> Mapping[str, UUID]:
    ids: dict[str, UUID] = {}
    for each in memories:
        with database.transaction() as session:
            ids[each.id] = save(session, each.order, Source(each.repository))[0].id
    return ids


def rows(outcomes: Sequence[Outcome]) -> dict[str, Row]:
    """Return the shares over all queries with an answer, and over all without."""
    answered = [each for each in outcomes if each.wanted]
    others = [each for each in outcomes if not each.wanted]
    false = sum(bool(each.found) for each in others)
    return {
        "memory_recall": _row([each.recall for each in answered], RECALL),
        "memory_mrr": _row([each.reciprocal_rank for each in answered], _ANY),
        "memory_false_finds": Row(
            false / len(others) if others else 0.0, "x", FALSE_FINDS, len(others)
        ),
    }


def _row(values: Sequence[float], target: Target) -> Row:
    mean = sum(values) / len(values) if values else math.nan
    return Row(mean, "x", target, len(values))


def misses(outcomes: Sequence[Outcome]) -> str:
    """Return a line for each query that missed a memory, or got one though none is relevant."""
    lines = [
        f"{each.query.id}: {'missed ' + ', '.join(sorted(missed)) if missed else 'false find'}"
        f"; found {', '.join(each.found) or 'nothing'}"
        for each in outcomes
        if (missed := each.wanted - set(each.found)) or (each.found and not each.wanted)
    ]
    return "\n".join(lines) or "every query was answered rightly"
