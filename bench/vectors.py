"""The search for the texts nearest to a question, among 100,000 vectors of the default embedder."""

import os
import random
import time
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from sqlalchemy import text

from bench.databases import new_database, settle
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import running_stack
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.embedding_settings import embedder_choice
from hephaestus_core.vectors import model_rows, store
from hephaestus_core.vectors.loaded import Embedders
from hephaestus_core.vectors.rules import QueryVector
from hephaestus_core.vectors.service import Vectors

STORED = 100_000
#: One text in so many is in the small scope, the others in the large one.
SHARE = 100
TURNS = 200
LIMIT = 20
_WARMING = 20
_BATCH = 2_000
_MS = 1000

_DOING = "add fix remove rename test document split cache log validate retry encrypt"
_THINGS = (
    "login form invoice export password reset image upload search index payment webhook session "
    "cookie database migration error message email template user profile shopping cart rate limit "
    "audit log file lock report page pagination api key currency format time zone translation"
)
_PLACES = "server client worker parser scheduler dashboard mobile app command line library"

_ADD = text("""
    INSERT INTO vectors (collection, item_id, model_id, dimension, scope, vector, change)
    SELECT 'bench', id, :model_id, 256, scope, CAST(vector AS vector), nextval('vector_changes')
    FROM unnest(CAST(:ids AS uuid[]), CAST(:scopes AS text[]), CAST(:vectors AS text[]))
        AS given (id, scope, vector)
""")


def measure() -> dict[str, Row]:
    """Return the row ``vector_search_ms``."""
    with running_stack() as stack, new_database(stack, "bench_vectors") as (database, _):
        vectors = Vectors(database, Settings())
        vectors.want()
        _fill(database)
        asked = [vectors.embed_query(_sentence(seed), within=30) for seed in range(TURNS)]
        questions = [each for each in asked if each is not None]
        large = _times(database, "large", questions)
        small = _times(database, "small", questions)
        found = _share_found(database, questions[:50])
        vectors.close()
    raw = {
        "ms_p95": percentile(large, 95),
        "ms_small_scope": p50(small),
        "ms_small_scope_p95": percentile(small, 95),
        "share_of_nearest_found": found,
    }
    return {"vector_search_ms": Row(p50(large), "ms", Target(15), len(large), raw)}


def _times(database: Database, scope: str, questions: Sequence[QueryVector]) -> list[float]:
    times = []
    for turn, question in enumerate((*questions[:_WARMING], *questions)):
        began = time.perf_counter()
        found = _nearest(database, scope, question)
        taken = (time.perf_counter() - began) * _MS
        assert len(found) == LIMIT, f"{len(found)} of {LIMIT} texts in the scope {scope}"
        if turn >= _WARMING:
            times.append(taken)
    return times


def _nearest(database: Database, scope: str, question: QueryVector) -> list[tuple[UUID, float]]:
    with database.reading() as session:
        return store.nearest(session, "bench", [scope], question, LIMIT)


def _share_found(database: Database, questions: Sequence[QueryVector]) -> float:
    """Return the share of the nearest texts that the index leads to."""
    hits = 0
    for question in questions:
        with database.transaction() as session:
            session.execute(text("SET LOCAL enable_indexscan = off"))
            exact = store.nearest(session, "bench", ["large"], question, LIMIT)
        least = exact[-1][1] - 1e-6  # Texts that are as near count as well.
        hits += sum(score >= least for _, score in _nearest(database, "large", question))
    return hits / (LIMIT * len(questions))


def _fill(database: Database) -> None:
    with database.reading() as session:
        [model] = model_rows.all_models(session)
        index = session.scalars(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_vectors_256'")
        ).one()
    with database.transaction() as session:
        session.execute(text("DROP INDEX ix_vectors_256"))
    for rows in _rows():
        with database.transaction() as session:
            session.execute(_ADD, {"model_id": model.id, **rows})
    with database.transaction() as session:
        # Row by row it would take an hour.
        for setting in ("statement_timeout = '15min'", "maintenance_work_mem = '512MB'"):
            session.execute(text(f"SET LOCAL {setting}"))
        session.connection().connection.driver_connection.answer_seconds = 900  # type: ignore[union-attr]
        session.execute(text(index))
    settle(database)


def _rows() -> Iterator[dict[str, list[str]]]:
    embedders, choice = Embedders(os.environ), embedder_choice(Settings())
    for first in range(0, STORED, _BATCH):
        numbers = range(first, first + _BATCH)
        read = embedders.embed(choice, [_sentence(TURNS + n) for n in numbers], timeout=600)
        yield {
            "ids": [str(uuid4()) for _ in numbers],
            "scopes": ["small" if n % SHARE == 0 else "large" for n in numbers],
            "vectors": [store.written(vector) for vector in read],
        }


def _sentence(seed: int) -> str:
    chance = random.Random(seed)
    kinds = ((_DOING, 2), (_THINGS, 6), (_PLACES, 2))
    return " ".join(word for kind, n in kinds for word in chance.sample(kind.split(), n))
