"""Fixtures for the whole test suite: real servers, an empty database for each test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_sdk.runtime import checks
from tests.servers import Postgres, Valkey, running_postgres, running_valkey

# How long an example takes says nothing on a machine that does other work beside it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_sessionstart() -> None:
    """Fail at once if a program is missing, and say how to install it."""
    try:
        checks.program_version("git", checks.OLDEST_GIT)
        checks.program_version("tmux", checks.OLDEST_TMUX)
    except HephaestusError as error:
        pytest.exit(str(error), returncode=5)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server for this session, or for this worker of pytest-xdist."""
    with running_postgres(tmp_path_factory.mktemp("postgres-server")) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Valkey server for this session, or for this worker of pytest-xdist."""
    with running_valkey(tmp_path_factory.mktemp("valkey-server")) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with the newest schema and no rows, copied for each test."""
    url = postgres_server.create_database()
    _migrate(url, tmp_path_factory.mktemp("migration-home"))
    return url.rpartition("/")[2]


@pytest.fixture
def database_url(postgres_server: Postgres, migrated_template: str) -> Iterator[str]:
    """The SQLAlchemy URL of this test's own database, with the newest schema."""
    url = postgres_server.create_database(migrated_template)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def redis_url(valkey_server: Valkey) -> Iterator[str]:
    """The URL of this test's own empty Valkey database."""
    url = valkey_server.next_url()
    valkey_server.flush(url)
    yield url
    valkey_server.flush(url)


def _migrate(url: str, home: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    environment |= {
        "HEPHAESTUS_DATABASE_URL": url,
        "HEPHAESTUS_HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "hephaestus_core.db.migrate"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"the migration failed:\n{done.stdout}{done.stderr}"
