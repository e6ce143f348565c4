"""Real PostgreSQL and Valkey servers for tests, as in the local stack."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import redis
from psycopg2 import sql

from hephaestus_sdk.runtime import ports, postgres, postgres_setup, valkey
from tests.waiting import wait_until

PASSWORD = "not-a-secret"
VALKEY_DATABASES = 64


@dataclass
class Postgres:
    """A running server on which each test gets its own database."""

    server: postgres.PostgresServer
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def admin_url(self) -> str:
        """SQLAlchemy URL of the maintenance database."""
        return self.server.url(PASSWORD, "postgres")

    def create_database(self, template: str = "template1") -> str:
        """Make a new database, a copy of ``template``, and return its SQLAlchemy URL."""
        name = f"test_{next(self._numbers)}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.server.url(PASSWORD, name)

    def drop_database(self, url: str) -> None:
        """Remove the database and end all connections to it."""
        name = sql.Identifier(url.rpartition("/")[2])
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _execute(self, statement: sql.Composable) -> None:
        with contextlib.closing(psycopg2.connect(libpq_url(self.admin_url))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)


@dataclass
class Valkey:
    """A running server on which each test gets an empty numbered database."""

    server: valkey.ValkeyServer
    _numbers: Iterator[int] = field(
        default_factory=lambda: itertools.cycle(range(1, VALKEY_DATABASES))
    )

    def next_url(self) -> str:
        return self.server.url(PASSWORD, next(self._numbers))

    def flush(self, url: str) -> None:
        with contextlib.closing(redis.Redis.from_url(url)) as client:
            client.flushdb()


def libpq_url(url: str) -> str:
    """Return a SQLAlchemy URL in the form of psycopg2 and psql."""
    return url.replace("postgresql+psycopg2://", "postgresql://")


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """Run a server in the folder; it is fast because its data need not survive a power failure."""
    server = postgres.PostgresServer(folder / "postgres", ports.choose(), durable=False)
    postgres_setup.prepare(server, PASSWORD, marker=folder / "making")
    with running(server.argv(), folder / "postgres.log", signal.SIGQUIT) as process:
        wait_ready(process, server.is_ready, folder / "postgres.log")
        yield Postgres(server)
    shutil.rmtree(server.data_dir)


@contextmanager
def running_valkey(folder: Path) -> Iterator[Valkey]:
    """Run a server in the folder; it keeps no data on disk."""
    server = valkey.ValkeyServer(
        folder / "valkey", ports.choose(), databases=VALKEY_DATABASES, durable=False
    )
    server.prepare(PASSWORD)
    with running(server.argv(), folder / "valkey.log", signal.SIGTERM) as process:
        ready = lambda: valkey.is_ready(server.port, PASSWORD)  # noqa: E731
        wait_ready(process, ready, folder / "valkey.log")
        yield Valkey(server)


@contextmanager
def running(
    argv: list[str], log: Path, stop_signal: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the end of the block, or of this process."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            _ending_with_us(argv),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )
    try:
        yield process
    finally:
        process.send_signal(stop_signal)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ending_with_us(argv: list[str]) -> list[str]:
    """Return the command changed so that its process ends with a killed test run."""
    if shutil.which("setpriv") is None:
        return argv
    # The kernel drops the signal when the account changes, so one setpriv sets both in order.
    rest = argv[1:] if argv[0] == "setpriv" else ["--", *argv]
    return ["setpriv", "--pdeathsig", "QUIT", *rest]


def wait_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    """Wait until a server that was just started is ready."""
    wait_until(lambda: ready() or process.poll() is not None, timeout=20, what=f"ready, see {log}")
    assert process.poll() is None, f"ended at the start:\n{log.read_text()}"
