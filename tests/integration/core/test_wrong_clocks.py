"""A process whose clock is an hour off: every time that is stored is the database's."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from hephaestus_core.agents import leases
from hephaestus_core.db.base import Base
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.service import list_hosts
from hephaestus_core.summaries.figures import figures
from tests.engine import Engine
from tests.wrong_clocks import shifted

ROOT = Path(__file__).parents[3]
HOUR = 3600.0
#: Seconds for which a retry or a message may wait, a lease or a token hold.
_LONGEST_WAIT = 90.0
_SLACK = 60.0


@pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_no_stored_time_is_that_of_a_process_with_a_wrong_clock(db: Database, ahead: float) -> None:
    its_time = live(db, ahead)
    assert its_time - time.time() == pytest.approx(ahead, abs=_SLACK), "its clock is wrong"

    wrong = {
        name: apart for name, apart in times(db).items() if not -_SLACK < apart < _LONGEST_WAIT
    }
    assert wrong == {}


@pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_a_retry_waits_as_long_as_ever(db: Database, ahead: float) -> None:
    live(db, ahead)
    waiting = """
        SELECT extract(epoch FROM CAST(data->>'due_at' AS timestamptz) - at) FROM events
        WHERE data->>'due_at' IS NOT NULL
    """
    with db.reading() as session:
        [waits] = session.scalars(text(waiting))
    assert 0.5 <= float(waits) <= 1.6


@pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_a_wrong_clock_is_told_once_and_its_setting_too(db: Database, ahead: float) -> None:
    live(db, ahead)
    [host] = list_hosts(db)
    assert host.clock_wrong
    assert host.clock_ahead_seconds == pytest.approx(ahead, abs=1)
    assert figures(db).clocks == {"a": host.clock_ahead_seconds}

    leases.renew(db, "a", lease_seconds=60)  # by this process, whose clock is right
    leases.renew(db, "a", lease_seconds=60)
    [host] = list_hosts(db)
    assert (host.clock_wrong, host.clock_ahead_seconds) == (False, pytest.approx(0, abs=1))
    told = [event for event in Engine(db).events() if event.type.startswith("host.clock")]
    assert [event.type for event in told] == ["host.clock_wrong", "host.clock_right"]
    assert told[0].data["ahead_seconds"] == pytest.approx(ahead, abs=1)


def live(db: Database, ahead: float) -> float:
    """Have a process with such a clock do everything that stores times; return its time."""
    url = db.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.core.whole_life", url],
        env=shifted(ahead),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def times(db: Database) -> dict[str, float]:
    """Return each column with a time, and how far its farthest value is from the present."""
    columns = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if str(column.type) == "TIMESTAMP WITH TIME ZONE" or "DATETIME" in str(column.type)
    ]
    assert len(columns) > 20, "the columns with times are found"
    found = {}
    with db.reading() as session:
        for table, column in columns:
            apart = f"SELECT extract(epoch FROM {column} - now()) FROM {table}"
            for value in session.scalars(text(f"{apart} WHERE {column} IS NOT NULL")):
                farthest = max(float(value), found.get(f"{table}.{column}", 0.0), key=abs)
                found[f"{table}.{column}"] = farthest
    assert len(found) > 20, "most columns have a value"
    return found
