"""A change of the model that makes vectors: the old ones answer until the new ones are there."""

from concurrent.futures import ThreadPoolExecutor
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.vectors import model_rows, store
from tests.embedding_server import Endpoint
from tests.integration.core.vector_texts import (
    INVOICE,
    LOGIN,
    by_endpoint,
    ids,
    note,
    offline,
    rows,
)
from tests.waiting import wait_until


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

    let_two_minutes_pass(db)
    assert other.make() is False
    assert rows(db, "SELECT DISTINCT dimension FROM vectors") == [(8,)]
    assert rows(db, "SELECT count(*) FROM vector_models") == [(1,)]


def let_two_minutes_pass(db: Database) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE vector_models SET complete_at = complete_at - INTERVAL '2m'"))


@pytest.mark.parametrize("dimension", [8, 12])
def test_a_model_that_is_wanted_while_a_pass_of_the_one_before_ends_stays_wanted(
    db: Database, endpoint: Endpoint, dimension: int
) -> None:
    note(db, LOGIN)
    first = by_endpoint(db, endpoint)
    first.make()
    let_two_minutes_pass(db)
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
    let_two_minutes_pass(db)
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
    let_two_minutes_pass(db)
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
