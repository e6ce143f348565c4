"""Texts found by meaning: vectors are made, kept, searched, and made anew."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_core.vectors import model_rows, store
from hephaestus_core.vectors.rules import QueryVector
from hephaestus_core.vectors.service import Vectors
from tests.embedding_server import Endpoint, embedding_endpoint
from tests.waiting import wait_until

LOGIN = "The login form rejects passwords that contain a plus sign."
INVOICE = "Invoices are printed with the wrong currency for customers abroad."
CACHE = "The cache of product images is never emptied, so the disk fills up."


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with embedding_endpoint() as served:
        yield served


def offline(db: Database) -> Vectors:
    """Vectors of the default embedder, wanted."""
    vectors = Vectors(db, Settings())
    vectors.want()
    return vectors


def by_endpoint(db: Database, served: Endpoint, model: str = "m", **further: object) -> Vectors:
    """Vectors of an endpoint, wanted; a new process each time."""
    settings = Settings(
        embedding_provider="served",
        embedding_model=model,
        llm_providers={"served": {"base_url": served.url, "api_key_env": "SERVED_KEY"}},
        **further,  # type: ignore[arg-type]
    )
    vectors = Vectors(db, settings, {"SERVED_KEY": "secret-of-the-endpoint"})
    vectors.want()
    return vectors


def note(db: Database, content: str, scope: str = "here", item_id: UUID | None = None) -> UUID:
    item_id = item_id or uuid4()
    with db.transaction() as session:
        store.note(session, "memories", item_id, scope=scope, content=content)
    return item_id


def found(
    db: Database, vector: QueryVector | None, *scopes: str, limit: int = 5
) -> list[tuple[UUID, float]]:
    assert vector is not None, "there was no vector in time"
    with db.reading() as session:
        return store.nearest(session, "memories", scopes or ("here",), vector, limit)


def ids(db: Database, vector: QueryVector | None, *scopes: str) -> list[UUID]:
    return [id_ for id_, _ in found(db, vector, *scopes)]


def rows(db: Database, statement: str) -> list[tuple[object, ...]]:
    with db.reading() as session:
        return [tuple(row) for row in session.execute(text(statement))]


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


def test_old_vectors_answer_until_another_model_has_read_all(
    db: Database, endpoint: Endpoint
) -> None:
    login, _ = note(db, LOGIN), note(db, INVOICE)
    offline(db).make()
    other = by_endpoint(db, endpoint)

    asked = other.embed_query(LOGIN)
    assert asked is not None
    assert len(asked.values) == 256
    assert ids(db, asked)[0] == login

    assert other.make() is False
    asked = by_endpoint(db, endpoint).embed_query(LOGIN)
    assert asked is not None
    assert len(asked.values) == 8
    assert ids(db, asked)[0] == login
    assert len(rows(db, "SELECT 1 FROM vectors")) == 4, "another process may ask the old model yet"

    with db.transaction() as session:
        session.execute(text("UPDATE vector_models SET complete_at = complete_at - INTERVAL '2m'"))
    assert other.make() is False
    assert rows(db, "SELECT DISTINCT dimension FROM vectors") == [(8,)]
    assert rows(db, "SELECT count(*) FROM vector_models") == [(1,)]


@pytest.mark.parametrize("dimension", [8, 12])
def test_a_model_that_is_wanted_while_a_pass_of_the_one_before_ends_stays_wanted(
    db: Database, endpoint: Endpoint, dimension: int
) -> None:
    note(db, LOGIN)
    first = by_endpoint(db, endpoint)
    first.make()
    with db.transaction() as session:
        session.execute(text("UPDATE vector_models SET complete_at = complete_at - INTERVAL '2m'"))
    note(db, INVOICE)

    def restart_with_another() -> None:
        endpoint.on_ask, endpoint.dimension = (lambda: None), dimension
        by_endpoint(db, endpoint, "other")

    endpoint.on_ask = restart_with_another
    first.make()
    state = first.state()
    assert (state.embedder, state.answering, state.complete) == ("served/other", "served/m", False)
    first.make()
    assert first.state().answering == "served/other"


def test_a_model_that_is_wanted_again_while_its_vectors_go_answers_when_they_are_back(
    db: Database, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(db, LOGIN), note(db, INVOICE)
    by_endpoint(db, endpoint).make()
    other = by_endpoint(db, endpoint, "other")
    other.make()
    with db.transaction() as session:
        session.execute(text("UPDATE vector_models SET complete_at = complete_at - INTERVAL '2m'"))
    monkeypatch.setattr(model_rows, "_DROPPED", 1)
    with db.transaction() as session:
        [kept] = [each.id for each in model_rows.all_models(session) if each.choice.model != "m"]
        assert model_rows.drop_former(session, kept) is True
    again = by_endpoint(db, endpoint)
    assert (again.state().embedder, again.state().answering) == ("served/m", "served/other")
    again.make()
    assert (again.state().answering, again.state().complete) == ("served/m", True)


def test_vectors_of_a_former_model_go_while_somebody_forgets_texts(
    db: Database, endpoint: Endpoint
) -> None:
    noted = {note(db, each) for each in (LOGIN, INVOICE)}
    by_endpoint(db, endpoint).make()
    other = by_endpoint(db, endpoint, "other")
    other.make()
    with db.transaction() as session:
        session.execute(text("UPDATE vector_models SET complete_at = complete_at - INTERVAL '2m'"))
    dropped = rows(db, "SELECT item_id FROM vectors ORDER BY ctid")
    (first,), (second,) = dropped[:2]
    assert {first, second} == noted
    with ThreadPoolExecutor(1) as thread:
        with db.transaction() as session:
            store.forget(session, "memories", cast("UUID", second))
            drop = thread.submit(other.make)
            wait_until(lambda: waits(db), what="the pass waits for a lock")
            store.forget(session, "memories", cast("UUID", first))
        assert drop.result(60) is False
    assert rows(db, "SELECT count(*) FROM vector_models") == [(1,)]


def test_a_model_has_read_all_while_a_server_wants_it_again(
    db: Database, endpoint: Endpoint
) -> None:
    by_endpoint(db, endpoint)
    with db.reading() as session:
        [model] = model_rows.all_models(session)
    by_endpoint(db, endpoint, "other")

    def end_pass() -> bool:
        with db.transaction() as session:
            model_rows.complete(session, model.id)
            return model_rows.drop_former(session, model.id)

    with ThreadPoolExecutor(1) as thread:
        with db.transaction() as session:
            model_rows._lock(session)
            ended = thread.submit(end_pass)
            wait_until(lambda: waits(db), what="the pass waits for a lock")
            model_rows.want(session, model.choice)
        assert ended.result(60) is False


def waits(db: Database) -> bool:
    return rows(db, "SELECT 1 FROM pg_locks WHERE NOT granted") != []


def test_another_dimension_of_the_same_endpoint_is_noticed(
    db: Database, endpoint: Endpoint
) -> None:
    login = note(db, LOGIN)
    by_endpoint(db, endpoint).make()
    endpoint.dimension = 12
    assert by_endpoint(db, endpoint).embed_query(LOGIN) is None, "nothing to compare it with"

    note(db, INVOICE)
    vectors = by_endpoint(db, endpoint)
    assert vectors.make() is True, "the other texts are left"
    assert vectors.make() is False
    assert ids(db, vectors.embed_query(LOGIN))[0] == login


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
