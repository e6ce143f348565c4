"""Connections that die while they are used: replaced, and never lost from their pool."""

import contextlib
import os
import signal
from datetime import timedelta

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.db import stale_connections
from hephaestus_core.db.engine import Database
from tests.servers import libpq_url
from tests.waiting import wait_until

_CHECKPOINTER = "SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'"


def _kill(url: str, pid: int) -> None:
    """Kill a connection's server process; the server then ends all others and recovers."""
    before = _checkpointer(url)
    os.kill(pid, signal.SIGKILL)
    # The server may still let people in until it notices; a new checkpointer tells that it has.
    wait_until(lambda: _checkpointer(url) not in {None, before}, what="the server has recovered")


def _checkpointer(url: str) -> object:
    """Return when the server's checkpointer was started; None while the server is away."""
    with (
        contextlib.suppress(psycopg2.Error),
        contextlib.closing(psycopg2.connect(libpq_url(url))) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_CHECKPOINTER)
        row = cursor.fetchone()
        return row and row[0]
    return None


@pytest.mark.parametrize("used_again", [True, False])
@pytest.mark.parametrize("kind", ["reading", "transaction", "snapshot"])
def test_a_connection_that_dies_is_replaced(
    db: Database, database_url: str, kind: str, used_again: bool
) -> None:
    opened = getattr(db, kind)
    for _ in range(3):
        for _ in range(2):  # one that has been used before
            with opened() as session:
                session.execute(text("SELECT 1"))
        with contextlib.suppress(OperationalError), opened() as session:
            _kill(database_url, session.scalar(text("SELECT pg_backend_pid()")))
            if used_again:
                session.execute(text("SELECT 1"))

    with opened() as session:
        assert session.scalar(text("SELECT 1")) == 1
    assert db.engine.pool.checkedout() == 0
    assert db._reading.pool.checkedout() == 0


@pytest.mark.parametrize("rested", [False, True])
def test_connections_that_the_server_ended_are_replaced_unseen(
    db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, rested: bool
) -> None:
    if rested:
        monkeypatch.setattr(stale_connections, "TRUSTED_SECONDS", 0.0)
    with db.reading() as first, db.reading() as second:
        pids = [session.scalar(text("SELECT pg_backend_pid()")) for session in (first, second)]
    with (
        contextlib.closing(psycopg2.connect(libpq_url(database_url))) as other,
        other.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_terminate_backend(pid, 10000) FROM unnest(%s) pid", (pids,))
    with db.reading() as first, db.reading() as second:
        fresh = [session.scalar(text("SELECT pg_backend_pid()")) for session in (first, second)]
    assert not set(pids) & set(fresh)


def test_a_connection_in_use_is_not_asked_whether_it_lives(db: Database) -> None:
    with db.reading() as session:
        session.execute(text("SELECT 1"))
    asked: list[str] = []
    pings = lambda connection: asked.append(connection) or True  # noqa: E731
    db._reading.dialect.do_ping = pings  # type: ignore[method-assign]
    with db.reading() as session:
        session.execute(text("SELECT 1"))
    assert asked == []


def test_a_snapshot_sees_one_moment(db: Database) -> None:
    with db.snapshot() as session:
        before = session.scalar(text("SELECT count(*) FROM hosts"))
        with db.transaction() as other:
            other.execute(
                text(
                    "INSERT INTO hosts (name, status, slots, draining, lease_expires_at) "
                    "VALUES ('new', 'active', 1, false, now())"
                )
            )
        assert session.scalar(text("SELECT count(*) FROM hosts")) == before


@pytest.mark.parametrize("value", ["a\0", "a\ud800"], ids=ascii)
@pytest.mark.parametrize("kind", ["reading", "transaction", "snapshot"])
def test_what_the_driver_cannot_send_is_refused_as_input(
    db: Database, kind: str, value: str
) -> None:
    with pytest.raises(InvalidInput, match="NUL"), getattr(db, kind)() as session:
        session.scalar(text("SELECT CAST(:value AS text)"), {"value": value})
    assert db.engine.pool.checkedout() == 0
    assert db._reading.pool.checkedout() == 0


def test_times_are_in_utc_whatever_zone_the_server_is_set_to(
    db: Database, database_url: str
) -> None:
    name = database_url.rpartition("/")[2]
    with db.transaction() as session:
        session.execute(text(f"ALTER DATABASE \"{name}\" SET timezone TO 'Asia/Kolkata'"))
    fresh = Database(database_url)
    for opened in (fresh.reading, fresh.transaction, fresh.snapshot):
        with opened() as session:
            assert session.scalar(text("SELECT now()")).utcoffset() == timedelta(0)
    fresh.close()
