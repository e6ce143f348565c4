"""Texts whose vectors are made, kept and searched."""

from uuid import UUID, uuid4

from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_core.vectors import store
from hephaestus_core.vectors.rules import QueryVector
from hephaestus_core.vectors.service import Vectors
from tests.embedding_server import Endpoint

LOGIN = "The login form rejects passwords that contain a plus sign."
INVOICE = "Invoices are printed with the wrong currency for customers abroad."
CACHE = "The cache of product images is never emptied, so the disk fills up."


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
