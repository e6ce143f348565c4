"""A process whose clock is an hour off: every time that is stored is the database's."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from hephaestus_core.db.base import Base
from hephaestus_core.db.engine import Database
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
    query = "SELECT extract(epoch FROM due_at - updated_at) FROM tasks WHERE due_at IS NOT NULL"
    with db.reading() as session:
        [waits] = session.scalars(text(query))
    assert 0.9 <= float(waits) <= 1.6


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
