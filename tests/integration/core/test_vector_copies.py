"""The copy of vectors in Qdrant: it follows, it may fail in any way, and searches go on."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from qdrant_client import QdrantClient
from sqlalchemy import text

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_core.vectors import copying, store
from hephaestus_core.vectors.qdrant import Qdrant
from hephaestus_core.vectors.searching import Search
from hephaestus_core.vectors.service import Vectors
from tests.embedding_server import embedding_endpoint
from tests.integration.core.vector_texts import note
from tests.qdrant_server import Collection, QdrantServer, qdrant_server

TEXTS = [
    "The login form rejects passwords that contain a plus sign.",
    "Invoices are printed with the wrong currency for customers abroad.",
    "The cache of product images is never emptied, so the disk fills up.",
]


@pytest.fixture
def qdrant() -> Iterator[QdrantServer]:
    with qdrant_server() as served:
        yield served


def vectors_of(db: Database, served: QdrantServer, **further: object) -> Vectors:
    """The vectors of a new process that copies to this server."""
    vectors = Vectors(db, Settings(qdrant_url=served.url, **further), {})  # type: ignore[arg-type]
    vectors.want()
    return vectors


def nearest(vectors: Vectors, limit: int = 1) -> list[UUID]:
    asked = vectors.embed_query(TEXTS[0])
    assert asked is not None
    return [id_ for id_, _ in vectors.nearest("memories", ["here"], asked, limit)]


def asked(served: QdrantServer, status: int = 200) -> int:
    """How many searches the server has answered."""
    return sum(call.endswith(f"/points/query {status}") for call in served.calls)


def test_the_copy_follows_what_changes_moves_and_goes(db: Database, qdrant: QdrantServer) -> None:
    login, invoice, cache = (note(db, each) for each in TEXTS)
    vectors = vectors_of(db, qdrant)
    state = vectors.state()
    assert (state.answered_by, state.collections[0].copy_behind) == ("postgres", None)
    assert vectors.make() is False
    assert set(qdrant.only.points) == {str(login), str(invoice), str(cache)}
    assert vectors.state().answered_by == "qdrant"
    assert nearest(vectors) == [login]
    assert asked(qdrant) == 1

    note(db, TEXTS[1], scope="elsewhere", item_id=invoice)
    with db.transaction() as session:
        store.forget(session, "memories", login)
    assert login not in nearest(vectors), "the copy is behind, and is not asked"
    assert (asked(qdrant), vectors.state().answered_by) == (1, "postgres")
    vectors.make()
    assert qdrant.only.points[str(invoice)][1] == {"scope": "elsewhere"}
    assert nearest(vectors) == [cache]
    assert (asked(qdrant), set(qdrant.only.points)) == (2, {str(invoice), str(cache)})


@pytest.mark.parametrize("fault", ["status", "hangs"])
def test_while_the_copy_fails_postgres_answers_and_the_state_says_so(
    db: Database, qdrant: QdrantServer, fault: str
) -> None:
    login = note(db, TEXTS[0])
    vectors = vectors_of(db, qdrant)
    vectors.make()
    if fault == "status":
        qdrant.status = 500
    else:
        qdrant.hangs = True
    state = vectors.state()
    assert state.answered_by == "postgres", "though no worker has looked since"
    told = "500" if fault == "status" else "Qdrant does not answer"
    assert told in str(state.collections[0].copy_trouble)
    assert nearest(vectors) == [login]
    assert nearest(vectors) == [login]
    if fault == "status":
        assert asked(qdrant, 500) == 1, "it is left alone for a while"

    if fault == "status":
        note(db, TEXTS[1])
        vectors.make()
        state = vectors.state()
        assert state.answered_by == "postgres"
        assert state.collections[0].copy_behind == 1
        assert "500" in str(state.collections[0].copy_trouble)
        qdrant.status = 200
        vectors.make()
        assert len(qdrant.only.points) == 2
        assert vectors.state().answered_by == "qdrant"


@pytest.mark.parametrize(
    ("damage", "trouble"),
    [
        ("deleted", "Qdrant holds the copy no more; it is made anew."),
        ("emptied", "The copy holds 0 vectors in place of 3; it is made anew."),
        ("another dimension", "The copy has 3 dimensions in place of 256; it is made anew."),
    ],
)
def test_a_copy_that_was_deleted_or_damaged_in_use_is_made_anew(
    db: Database, qdrant: QdrantServer, damage: str, trouble: str
) -> None:
    login, *_ = (note(db, each) for each in TEXTS)
    vectors = vectors_of(db, qdrant)
    vectors.make()
    [name] = qdrant.collections
    if damage == "deleted":
        qdrant.collections.clear()
    elif damage == "emptied":
        qdrant.only.points.clear()
    else:
        qdrant.collections[name] = Collection(3)
    state = vectors.state()
    assert (state.answered_by, state.collections[0].copy_trouble) == ("postgres", trouble)
    before = asked(qdrant)
    assert nearest(vectors_of(db, qdrant)) == [login]
    vectors.make()
    vectors.make()
    assert (qdrant.only.size, len(qdrant.only.points)) == (256, 3)
    assert vectors.state().answered_by == "qdrant"
    assert nearest(vectors_of(db, qdrant)) == [login]
    assert asked(qdrant) > before


def test_another_model_has_another_copy(db: Database, qdrant: QdrantServer) -> None:
    note(db, TEXTS[0])
    vectors_of(db, qdrant).make()
    with embedding_endpoint() as served:
        other = {
            "embedding_provider": "served",
            "embedding_model": "m",
            "llm_providers": {"served": {"base_url": served.url}},
        }
        vectors = vectors_of(db, qdrant, **other)
        assert vectors.state().answered_by == "qdrant", "by the vectors of the model before"
        vectors.make()
    assert qdrant.only.size == 8, "the other copy is gone"


def test_reindex_makes_vectors_and_the_copy_anew(db: Database, qdrant: QdrantServer) -> None:
    login = note(db, TEXTS[0])
    vectors = vectors_of(db, qdrant)
    vectors.make()
    state = vectors.reindex("vectors")
    assert (state.complete, state.collections[0].waiting) == (False, 1)
    assert nearest(vectors) == [login], "the old vectors answer"
    vectors.make()
    assert vectors.state().complete

    qdrant.only.points[str(login)] = ([1.0] * 256, {"scope": "here"})
    assert vectors.reindex("copy").answered_by == "postgres"
    vectors.make()
    assert vectors.state().answered_by == "qdrant"
    assert qdrant.only.points[str(login)][0] != [1.0] * 256
    with pytest.raises(InvalidInput, match="known: all, vectors, copy"):
        vectors.reindex("everything")
    with pytest.raises(InvalidInput, match="takes the setting 'qdrant_url'"):
        Vectors(db, Settings()).reindex("copy")


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect")
def test_the_same_calls_work_on_the_clients_own_store(db: Database) -> None:
    login, invoice, _ = (note(db, each) for each in TEXTS)
    vectors = Vectors(db, Settings())
    vectors.want()
    vectors.make()
    client = QdrantClient(":memory:")
    local = Qdrant("", "", seconds=1, client=client)
    assert copying.copy_vectors(db, local, seconds=30) is False
    with db.transaction() as session:
        store.forget(session, "memories", invoice)
    copying.copy_vectors(db, local, seconds=30)

    question = vectors.embed_query(TEXTS[0])
    assert question is not None
    with db.transaction() as session:
        session.execute(
            text("UPDATE vectors SET vector = NULL WHERE item_id = :id"), {"id": invoice}
        )
        [expected, *_] = store.nearest(session, "memories", ["here"], question, 1)
    [(found, score)] = Search(db, local).nearest("memories", ["here"], question, 1)
    assert (found, score) == (login, pytest.approx(expected[1], abs=1e-4))
    [name] = [each.name for each in client.get_collections().collections]
    assert client.count(name).count == 2
    client.close()
