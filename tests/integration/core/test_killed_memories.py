"""A process is killed while it saves, joins, rates or forgets a memory: all of it, or nothing."""

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final

import pytest
from sqlalchemy import text

from hephaestus_core import tables  # noqa: F401 - makes all tables known
from hephaestus_core.db.engine import Database
from hephaestus_core.memory import service
from hephaestus_core.memory.forgetting import Policy, sweep
from tests.waiting import wait_until

PLACE: Final = "/srv/git/boats.git"
KNOWN: Final = "The yard keeps its tar in the northern shed, behind the green door."
SAME: Final = "The yard really keeps its tar in the northern shed, behind the green door."
OTHER: Final = "Sails are sewn with waxed thread number seven."
#: The lock that stops a transaction when all of its statements are done and it is to be committed.
LOCK: Final = 4711
STOP: Final = f"""
    CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER wait_for_test AFTER INSERT OR UPDATE ON memories
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_test();
    CREATE CONSTRAINT TRIGGER wait_for_test AFTER INSERT OR UPDATE ON memory_opinions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_test();
"""
GO_ON: Final = "DROP FUNCTION wait_for_test CASCADE"


def _rate(db: Database) -> None:
    [memory] = service.page_of_memories(db)[0]
    service.rate_memory(db, memory.id, "wrong", person="ann", policy=Policy(wrong_ratings=1))


ACTS: Final[dict[str, Callable[[Database], Any]]] = {
    "save": lambda db: service.add_memory(db, PLACE, "learning", OTHER),
    "join": lambda db: service.add_memory(db, PLACE, "learning", SAME),
    "rate": _rate,
    "forget": lambda db: sweep(db, Policy()),
}


def state(db: Database) -> list[Any]:
    """Return all that is known of memories, and what was told of it."""
    with db.reading() as session:
        return [
            sorted(map(str, session.execute(text(query))))
            for query in (
                "SELECT text, also, forgotten_because FROM memories",
                "SELECT person, rating FROM memory_opinions",
                "SELECT type FROM events WHERE type LIKE 'memory.%'",
            )
        ]


def prepared(db: Database) -> None:
    memory = service.add_memory(db, PLACE, "learning", KNOWN)
    with db.transaction() as session:
        session.execute(
            text("UPDATE memories SET saved_at = now() - interval '91 days' WHERE id = :id"),
            {"id": memory.id},
        )


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("commits", [False, True])
def test_a_killed_process_leaves_all_or_nothing_and_again_does_it_once(
    database_url: str, act: str, *, commits: bool
) -> None:
    db = Database(database_url, connections=5)
    prepared(db)
    before = state(db)
    with db.transaction() as session:
        session.execute(text(STOP))
    # In no transaction, which would be ended as an idle one while the process starts.
    holder = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    holder.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    code = (
        "import sys; from tests.integration.core import test_killed_memories as t; "
        "t.ACTS[sys.argv[1]](t.Database(sys.argv[2], connections=2))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, act, database_url])
    try:
        wait_until(lambda: waiting(db), timeout=60, what="the transaction is to be committed")
        [backend] = waiting(db)
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
        if not commits:  # the database notices that nobody is there any more
            with db.transaction() as session:
                session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
            wait_until(lambda: not waiting(db), what="the transaction is gone")
    finally:
        process.kill()
        holder.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        holder.close()
    wait_until(lambda: backend not in backends(db), what="the connection is closed")
    assert (state(db) != before) == commits
    left = state(db)
    with db.transaction() as session:
        session.execute(text(GO_ON))

    ACTS[act](db)

    assert state(db) != before
    if commits:
        assert state(db) == left, "the same again changes nothing"
    db.close()


def waiting(db: Database) -> list[int]:
    """Return the backends that wait for the lock of this test."""
    with db.reading() as session:
        query = text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return list(session.scalars(query))


def backends(db: Database) -> list[int]:
    with db.reading() as session:
        query = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return list(session.scalars(query))
