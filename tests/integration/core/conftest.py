from collections.abc import Iterator

import pytest

from hephaestus_core import tables  # noqa: F401 - makes all tables known
from hephaestus_core.db.engine import Database
from tests.embedding_server import Endpoint, embedding_endpoint
from tests.engine import Engine


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url, connections=40)
    yield database
    database.close()


@pytest.fixture
def engine(db: Database) -> Engine:
    """The engine with one host `a` of four slots and one workflow."""
    return Engine(db).with_host("a", slots=4)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with embedding_endpoint() as served:
        yield served
