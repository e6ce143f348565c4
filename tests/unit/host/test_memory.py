"""Whether a host has memory for another agent."""

from pathlib import Path

import psutil

from hephaestus_worker.host.memory import free_bytes, shortage


def test_a_shortage_ends_only_with_an_eighth_more() -> None:
    assert shortage(80, least=80, short=False) is None
    assert shortage(89, least=80, short=True) is not None
    assert shortage(90, least=80, short=True) is None
    found = shortage(79_000_000, least=200_000_000, short=False)
    assert found == "79 MB of memory are free of at least 200 MB"


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    def group(limit: str) -> int:
        (tmp_path / "memory.max").write_text(limit)
        (tmp_path / "memory.current").write_text("900\n")
        (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 200\n")
        return free_bytes(tmp_path)

    assert group("1000\n") == 300
    assert group("100\n") == 0
    whole = psutil.virtual_memory().total
    assert 1000 < group("max\n") <= whole
    assert 1000 < free_bytes(tmp_path / "none") <= whole
