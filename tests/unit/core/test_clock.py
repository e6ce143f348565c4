"""The engine decides by the database's clock, so it does not read that of its process."""

import re
from pathlib import Path

CORE = Path(__file__).parents[3] / "hephaestus_core"

_READS = re.compile(r"\butcnow\(|\bdatetime\.now\(|\btime\.time\(|\btoday\(")


def test_only_the_clocks_own_file_reads_the_clock_of_the_process() -> None:
    reading = [
        str(file.relative_to(CORE))
        for file in sorted(CORE.rglob("*.py"))
        if _READS.search(file.read_text())
    ]
    assert reading == ["clock.py"]
