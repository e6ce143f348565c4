"""The engine decides by the database's clock, so it does not read that of its process."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hephaestus_core import clock

CORE = Path(__file__).parents[3] / "hephaestus_core"

_READS = re.compile(r"\butcnow\(|\bdatetime\.now\(|\btime\.time\(|\btoday\(")


def test_only_the_clocks_own_file_reads_the_clock_of_the_process() -> None:
    reading = [
        str(file.relative_to(CORE))
        for file in sorted(CORE.rglob("*.py"))
        if _READS.search(file.read_text())
    ]
    assert reading == ["clock.py"]


def test_a_time_read_off_a_screen_is_that_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_ahead", [0.0])
    clock.correct(3600.0)
    assert abs(clock.utcnow() - (datetime.now(UTC) - timedelta(hours=1))) < timedelta(seconds=5)
