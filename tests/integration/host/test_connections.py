"""The connections to PostgreSQL, of which a server has a hundred."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_web.app import create_app
from hephaestus_web.wiring import Wiring
from hephaestus_worker.host.machine import CONCURRENCY
from hephaestus_worker.process import open_machine
from tests.servers import Postgres, libpq_url

HOSTS = 10
#: Callers of each process at once: more than it may have connections.
CALLERS = 2 * CONCURRENCY
#: What PostgreSQL keeps back for its superuser.
RESERVED = 3


@pytest.fixture
def databases(database_url: str, tmp_path: Path) -> list[Database]:
    """The databases of ten workers and one web process, as their processes make them."""
    found = []
    for number in range(HOSTS):
        settings = Settings(home=tmp_path / str(number), database_url=database_url)
        found.append(open_machine(settings, lambda _: None).db)
    web = create_app(Settings(home=tmp_path / "web", database_url=database_url))
    wiring: Wiring = web.extensions["hephaestus"]
    return [*found, wiring.database]


def test_ten_busy_hosts_and_a_web_process_fit_into_a_hundred_connections(
    databases: list[Database], database_url: str, postgres_server: Postgres
) -> None:
    settings = Settings()
    beside = HOSTS + 1  # the heartbeat of each host, and the web process that listens for events
    allowed = HOSTS * settings.worker_connections + settings.web_connections + 1
    over = threading.Event()

    def work(database: Database) -> int:
        for _ in range(3):
            with database.transaction() as session:
                session.execute(text("SELECT pg_sleep(0.05)"))
            with database.reading() as session:
                session.execute(text("SELECT pg_sleep(0.05)"))
        return 1

    def watch() -> int:
        most = 0
        with contextlib.closing(psycopg2.connect(libpq_url(postgres_server.admin_url))) as watcher:
            watcher.autocommit = True
            while not over.wait(0.01):
                with watcher.cursor() as cursor:
                    name = database_url.rpartition("/")[2]
                    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
                    cursor.execute(count, (name,))
                    most = max(most, cursor.fetchone()[0])
        return most

    with ThreadPoolExecutor(len(databases) * CALLERS + 1) as pool:
        watched = pool.submit(watch)
        done = [pool.submit(work, each) for each in databases for _ in range(CALLERS)]
        assert sum(each.result() for each in done) == len(done), "none was refused"
        over.set()
    for database in databases:
        database.close()

    assert watched.result() + beside == allowed, "all were busy"
    assert allowed + RESERVED < 100, "some are left for people's own tools"
