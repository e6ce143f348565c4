"""A worker whose connections lead nowhere any more, as when its address changes, is back soon."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from hephaestus_core.agents.service import list_agents
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.service import list_hosts
from tests.engine import Engine
from tests.servers import Postgres, Valkey
from tests.tcp_relay import Relay, relay_to
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
#: Seconds within which a host must be back.
BACK = 30.0
_TCP_USER_TIMEOUT = 18


def through(relay: Relay, url: str) -> str:
    """Return the URL of the same server by way of the relay."""
    return make_url(url).set(port=relay.port).render_as_string(hide_password=False)


@contextmanager
def worker(home: Path, database_url: str, redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    given = {
        "HOME": home,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "HOST_NAME": "a",
        "HEARTBEAT_SECONDS": 0.5,
        "LEASE_SECONDS": 4,
    }
    with home.with_suffix(".log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "hephaestus_worker"],
            env=environment | {f"HEPHAESTUS_{name}": str(value) for name, value in given.items()},
            cwd=ROOT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_its_heartbeat_and_its_passes_find_new_ways_within_half_a_minute(
    postgres_server: Postgres,
    valkey_server: Valkey,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with (
        contextlib.closing(Database(database_url, connections=2)) as db,
        relay_to(postgres_server.server.port) as to_postgres,
        relay_to(valkey_server.server.port) as to_valkey,
        worker(home, through(to_postgres, database_url), through(to_valkey, redis_url)) as process,
    ):
        ready = HomeLayout(home).ready_file("worker")
        wait_until(lambda: ready.exists() or process.poll() is not None, timeout=60, what="ready")
        beaten = lambda since: list_hosts(db) and list_hosts(db)[0].last_seen_at > since  # noqa: E731
        since = wait_until(lambda: list_hosts(db), timeout=20, what="it registers")[0].last_seen_at
        wait_until(lambda: beaten(since), timeout=20, what="it beats")

        to_postgres.lose_all()
        to_valkey.lose_all()
        lost_at = time.monotonic()
        with db.reading() as session:
            now = session.scalars(text("SELECT now() + interval '1 second'")).one()
        wait_until(lambda: beaten(now), timeout=BACK, what="it beats again")
        back = time.monotonic() - lost_at
        engine = Engine(db)
        engine.start_workflow()
        task = engine.create("what is claimed, and fails since there is no repository")
        left = lost_at + BACK - time.monotonic()
        claimed = lambda: engine.status(task) != "queued" or list_agents(db)  # noqa: E731
        wait_until(claimed, timeout=left, what="its crew claims again")
        worked = time.monotonic() - lost_at
        assert process.poll() is None, "it needed no new process"
        print(f"the heartbeat was back after {back:.1f} s, its crew after {worked:.1f} s")


def cut_off_within_a_transaction(db: Database, relay: Relay) -> None:
    with db.transaction() as session:
        session.execute(text("SELECT 1"))
        relay.lose_all()
        session.execute(text("SELECT 2"))


def test_an_answer_that_never_comes_closes_the_connection_and_the_next_is_a_new_one(
    postgres_server: Postgres, database_url: str
) -> None:
    with relay_to(postgres_server.server.port) as relay:
        url = through(relay, database_url)
        with contextlib.closing(Database(url, connections=2, answer_seconds=1.0)) as db:
            with db.reading() as session:
                assert session.scalars(text("SELECT 1")).one() == 1
            began = time.monotonic()
            with pytest.raises(OperationalError, match="did not answer within 1 s"):
                cut_off_within_a_transaction(db, relay)
            assert time.monotonic() - began < 5
            with db.transaction() as session:
                assert session.scalars(text("SELECT 3")).one() == 3


def test_what_is_sent_into_a_hole_is_given_up_by_the_kernel(database_url: str) -> None:
    with contextlib.closing(Database(database_url, connections=2)) as db:
        connection = db.engine.raw_connection()
        raw = connection.driver_connection
        assert raw is not None
        with socket.socket(fileno=os.dup(raw.fileno())) as wire:
            assert wire.getsockopt(socket.IPPROTO_TCP, _TCP_USER_TIMEOUT) == 10_000
        connection.close()


def test_the_relay_passes_on_that_its_server_has_died() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, relay_to(_port(server)) as relay:
        client = socket.create_connection(("127.0.0.1", relay.port), timeout=10)
        peer, _ = server.accept()
        client.sendall(b"unread, so that the end is a reset")
        wait_until(lambda: peer.recv(1, socket.MSG_PEEK), what="it has come")
        peer.close()
        assert client.recv(1) == b""
        client.close()


def test_a_cut_relay_answers_no_new_connection_and_later_ones_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, relay_to(_port(server)) as relay:
        with relay.cut(), socket.create_connection(("127.0.0.1", relay.port)) as cut:
            cut.sendall(b"into the hole")
            server.settimeout(0.2)
            with pytest.raises(TimeoutError):
                server.accept()
        server.settimeout(10)
        with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as client:
            client.sendall(b"out of it")
            peer, _ = server.accept()
            with peer:
                assert peer.recv(100) == b"out of it"


def _port(server: socket.socket) -> int:
    return int(server.getsockname()[1])
