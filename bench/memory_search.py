"""The time of a search among 100,000 memories of one repository, asked with texts of tasks.

Each of them joins the beginning of one memory of tests/data with the end of another, so that words
are as frequent as in real ones.
"""

import time

from sqlalchemy import text

from bench.databases import new_database, settle
from bench.memory import CASES, Cases, read_cases
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import running_stack
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.memory.saving import Source, save
from hephaestus_core.memory.searching import search

MEMORIES = 100_000
_REPOSITORY = "/srv/git/bench.git"
_TARGET = Target(40)
_MS = 1000
#: Rounds over all queries; the first only fills caches.
_ROUNDS = 3

#: Ten thousand or so: a statement has 20 s.
_MANY = text("""
    INSERT INTO memories (id, repository, type, text, more, tags, files, key, names)
    SELECT gen_random_uuid(), a.repository, a.type,
           left(a.text, length(a.text) / 2) || ' ' || right(b.text, length(b.text) / 2)
           || ' in part' || hashtext(a.key || b.key || :round) % 4001, b.more, '{}', a.files,
           md5(a.key || b.key || :round),
           a.names || b.names || ARRAY['src/part' || hashtext(a.key || b.key) % 4001 || '.py']
    FROM memories a, memories b WHERE length(a.key) > 32 AND length(b.key) > 32
    LIMIT :more
""")


def measure() -> dict[str, Row]:
    """Return the row ``memory_search_ms``."""
    cases = read_cases(CASES)
    with running_stack() as stack, new_database(stack, "bench_memory_search") as (database, _):
        _fill(database, cases)
        times = [_search(database, query.text) for _ in range(_ROUNDS) for query in cases.queries]
    measured = times[len(cases.queries) :]
    raw = {"ms_p95": percentile(measured, 95), "memories": MEMORIES}
    return {"memory_search_ms": Row(p50(measured), "ms", _TARGET, len(measured), raw)}


def _fill(database: Database, cases: Cases) -> None:
    for each in cases.memories:
        with database.transaction() as session:
            save(session, each.order, Source(_REPOSITORY))
    missing = MEMORIES - len(cases.memories)
    while missing > 0:
        with database.transaction() as session:
            added = session.execute(_MANY, {"round": str(missing), "more": min(missing, 10_000)})
            missing -= added.rowcount  # type: ignore[attr-defined]
    settle(database)


def _search(database: Database, question: str) -> float:
    began = time.perf_counter()
    with database.reading() as session:
        search(session, _REPOSITORY, question, now=database_now(session), limit=5)
    return (time.perf_counter() - began) * _MS
