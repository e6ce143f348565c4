"""One web process per module of tests, with a database of its own."""

from collections.abc import Iterator

import pytest

from tests.servers import Postgres, Valkey
from tests.web_server import WebServer, running_web


@pytest.fixture(scope="module")
def web(
    postgres_server: Postgres,
    valkey_server: Valkey,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WebServer]:
    """A running web process."""
    url = postgres_server.create_database(migrated_template)
    with running_web(tmp_path_factory.mktemp("web"), url, valkey_server.next_url()) as server:
        yield server
    postgres_server.drop_database(url)
