"""Connections that die while they are used: replaced, and never lost from their pool."""

import contextlib
import os
import signal

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hephaestus_core.db.engine import Database
from hephaestus_sdk.runtime import identity
from tests.servers import libpq_url
from tests.waiting import wait_until


def _kill(url: str, pid: int) -> None:
    """Kill a connection's server process; the server then ends all others and recovers."""
    os.kill(pid, signal.SIGKILL)

    def answers() -> bool:
        try:
            psycopg2.connect(libpq_url(url)).close()
        except psycopg2.OperationalError:
            return False
        return identity.birth(pid) is None

    wait_until(answers, what="the server has recovered")


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


def test_a_snapshot_sees_one_moment(db: Database) -> None:
    with db.snapshot() as session:
        before = session.scalar(text("SELECT count(*) FROM hosts"))
        with db.transaction() as other:
            other.execute(
                text(
                    "INSERT INTO hosts (name, status, slots, labels, draining, lease_expires_at) "
                    "VALUES ('new', 'active', 1, '{}', false, now())"
                )
            )
        assert session.scalar(text("SELECT count(*) FROM hosts")) == before
