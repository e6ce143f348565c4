"""Texts found by meaning: vectors are made, kept, searched, and made anew."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.vectors import model_rows, store
from hephaestus_core.vectors.rules import QueryVector
from tests.embedding_server import Endpoint
from tests.integration.core.vector_texts import (
    CACHE,
    INVOICE,
    LOGIN,
    by_endpoint,
    found,
    ids,
    note,
    offline,
    rows,
)
from tests.waiting import wait_until


def test_a_text_is_found_by_its_meaning_in_its_scope_alone(db: Database) -> None:
    login, invoice = note(db, LOGIN), note(db, INVOICE)
    abroad = note(db, LOGIN, scope="elsewhere")
    vectors = offline(db)
    assert vectors.make() is False

    asked = vectors.embed_query("signing in fails when the password has a plus")
    assert ids(db, asked) == [login, invoice]
    assert ids(db, asked, "here", "elsewhere")[:2] == sorted([login, abroad])
    [(_, same), (_, other)] = found(db, vectors.embed_query(LOGIN))
    assert same == pytest.approx(1.0, abs=1e-6)
    assert other < 0.5

    with db.transaction() as session:
        store.forget(session, "memories", login)
    assert ids(db, asked) == [invoice]


def test_a_text_moves_and_changes_with_its_row(db: Database) -> None:
    item = note(db, LOGIN)
    vectors = offline(db)
    vectors.make()
    note(db, LOGIN, scope="elsewhere", item_id=item)
    assert ids(db, vectors.embed_query(LOGIN), "elsewhere") == [item]

    note(db, INVOICE, scope="elsewhere", item_id=item)
    assert found(db, vectors.embed_query(LOGIN), "elsewhere")[0][1] > 0.99, "the old one answers"
    vectors.make()
    assert found(db, vectors.embed_query(INVOICE), "elsewhere")[0][1] > 0.99


def test_a_text_that_changes_while_it_is_read_gets_no_old_vector(
    db: Database, endpoint: Endpoint
) -> None:
    item = note(db, LOGIN)
    vectors = by_endpoint(db, endpoint)

    def change() -> None:
        endpoint.on_ask = lambda: None
        note(db, INVOICE, item_id=item)

    endpoint.on_ask = change
    vectors.make()
    assert endpoint.asked == [[LOGIN], [INVOICE]]
    assert endpoint.keys == ["Bearer secret-of-the-endpoint"] * 2
    assert found(db, vectors.embed_query(INVOICE))[0][1] > 0.99


def test_a_failing_endpoint_delays_vectors_and_says_why(db: Database, endpoint: Endpoint) -> None:
    login = note(db, LOGIN)
    by_endpoint(db, endpoint).make()
    late = note(db, CACHE)
    endpoint.status = 401
    broken = by_endpoint(db, endpoint)
    assert broken.make() is False
    assert broken.embed_query(LOGIN) is None
    [(trouble,)] = rows(db, "SELECT trouble FROM vector_models")
    assert "401" in str(trouble)

    endpoint.status = 200
    vectors = by_endpoint(db, endpoint)
    vectors.make()
    assert set(ids(db, vectors.embed_query(CACHE))) == {login, late}
    assert rows(db, "SELECT trouble FROM vector_models") == [(None,)]


def test_a_trouble_is_over_with_the_first_vectors_that_are_made(
    db: Database, endpoint: Endpoint
) -> None:
    for number in range(40):  # more than one call takes
        note(db, f"Text number {number}")
    endpoint.status = 500
    by_endpoint(db, endpoint).make()
    endpoint.status = 200
    vectors, troubles = by_endpoint(db, endpoint), list[str | None]()
    endpoint.on_ask = lambda: troubles.append(vectors.state().trouble)
    vectors.make()
    assert troubles == ['The provider answered 500: {"error": {"message": "it failed"}}', None]


def test_a_question_waits_no_longer_than_it_may(db: Database, endpoint: Endpoint) -> None:
    note(db, LOGIN)
    by_endpoint(db, endpoint).make()
    endpoint.hangs = True
    vectors = by_endpoint(db, endpoint)
    began = time.monotonic()
    assert vectors.embed_query(LOGIN, within=0.5) is None
    assert time.monotonic() - began < 2.0
    endpoint.gate.set()


def test_one_refused_text_keeps_no_other_back(db: Database, endpoint: Endpoint) -> None:
    kept = [note(db, LOGIN), note(db, CACHE)]
    note(db, INVOICE)
    endpoint.refused = "Invoices"
    vectors = by_endpoint(db, endpoint)
    assert vectors.make() is False
    assert set(ids(db, vectors.embed_query(LOGIN))) == set(kept)
    asked = len(endpoint.asked)
    assert vectors.make() is False
    assert len(endpoint.asked) == asked, "it is not asked again"

    endpoint.status, endpoint.refused = 400, ""
    note(db, "A text that comes while the settings are wrong.")
    by_endpoint(db, endpoint).make()
    assert rows(db, "SELECT count(*) FROM vector_items WHERE model_id IS NULL") == [(1,)]


def test_two_processes_read_no_text_twice(db: Database, endpoint: Endpoint) -> None:
    for n in range(100):
        note(db, f"Text number {n} of this test.")
    makers = [by_endpoint(db, endpoint) for _ in range(3)]
    with ThreadPoolExecutor(3) as side_by_side:
        list(side_by_side.map(lambda each: each.make(), makers))
    assert len([t for texts in endpoint.asked for t in texts]) == 100
    assert rows(db, "SELECT count(*) FROM vectors") == [(100,)]


def killed_while_it_reads(db: Database, endpoint: Endpoint) -> None:
    """Let a process ask the endpoint for vectors, and kill it before the answer."""
    endpoint.hangs = True
    url = db.engine.url.render_as_string(hide_password=False)
    code = (
        "import sys; from hephaestus_core.db.engine import Database; "
        "from hephaestus_core.settings.config import Settings; "
        "from hephaestus_core.vectors.service import Vectors; "
        "Vectors(Database(sys.argv[1]), Settings(), {'SERVED_KEY': 'k'}).make()"
    )
    process = subprocess.Popen([sys.executable, "-c", code, url])
    wait_until(lambda: endpoint.asked != [], timeout=60, what="the process reads a text")
    process.kill()
    process.wait()
    endpoint.hangs = False
    endpoint.gate.set()


def expire_lease(db: Database) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE vector_models SET leased_until = clock_timestamp()"))


def test_another_process_goes_on_after_a_kill(db: Database, endpoint: Endpoint) -> None:
    item = note(db, LOGIN)
    by_endpoint(db, endpoint)
    killed_while_it_reads(db, endpoint)

    vectors = by_endpoint(db, endpoint)
    vectors.make()
    assert rows(db, "SELECT count(*) FROM vectors") == [(0,)], "the lease holds"
    expire_lease(db)
    vectors.make()
    assert ids(db, vectors.embed_query(LOGIN)) == [item]


def test_a_lease_is_short_and_each_call_renews_it(db: Database, endpoint: Endpoint) -> None:
    for number in range(40):  # more than one call takes
        note(db, f"Text number {number}")
    seen = list[tuple[object, ...]]()
    lease = "SELECT leased_until, leased_until < clock_timestamp() + '1 min' FROM vector_models"
    endpoint.on_ask = lambda: seen.extend(rows(db, lease))
    by_endpoint(db, endpoint).make()
    (first, is_short), (second, _) = seen
    assert is_short, "a killed process keeps others from it for that long"
    assert second > first  # type: ignore[operator]


def test_a_kill_while_texts_get_new_vectors_leaves_the_old_ones_at_work(
    db: Database, endpoint: Endpoint
) -> None:
    items = {note(db, each) for each in (LOGIN, INVOICE, CACHE)}
    old = offline(db)
    old.make()
    by_endpoint(db, endpoint)
    killed_while_it_reads(db, endpoint)
    assert set(ids(db, old.embed_query(LOGIN))) == items
    assert rows(db, "SELECT dimension, count(*) FROM vectors GROUP BY 1") == [(256, 3)]

    expire_lease(db)
    vectors = by_endpoint(db, endpoint)
    assert vectors.make() is False
    asked = vectors.embed_query(LOGIN)
    assert asked is not None
    assert len(asked.values) == 8
    assert set(ids(db, asked)) == items
    found_twice = "SELECT item_id FROM vectors GROUP BY item_id, model_id HAVING count(*) > 1"
    assert rows(db, found_twice) == []


def test_vectors_are_found_through_the_index_in_a_small_scope_too(db: Database) -> None:
    """The index alone would give the nearest rows of all scopes, few of them of this one."""
    vectors = offline(db)
    with db.transaction() as session:
        [model] = model_rows.all_models(session)
        session.execute(
            text("""
                INSERT INTO vectors
                    (collection, item_id, model_id, dimension, scope, vector, change)
                SELECT 'memories', gen_random_uuid(), :model, 256, 's' || n % 12,
                    (SELECT array_agg(sin(n * 0.37 * i) + cos(n * i))
                     FROM generate_series(1, 256) i)::vector, n
                FROM generate_series(1, 600) n
            """),
            {"model": model.id},
        )
    asked = QueryVector(model.id, [1.0] + [0.01] * 255)
    with db.transaction() as session:
        for off in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
            session.execute(text(f"SET LOCAL {off} = off"))
        assert session.scalar(text("SHOW hnsw.ef_search")) == "200"
        got = store.nearest(session, "memories", ["s7"], asked, 40)
    assert len(got) == 40
    assert [score for _, score in got] == sorted((s for _, s in got), reverse=True)
    vectors.close()
