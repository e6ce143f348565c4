"""The probe of a file that a process touches as long as it lives."""

import os
import time
from pathlib import Path

import pytest

from hephaestus_sdk.runtime.readiness import holds


@pytest.mark.parametrize(
    ("age", "fresh"),
    [(0.0, True), (30.0, True), (90.0, False), (-3600.0, False)],
    ids=["now", "lately", "long ago", "before the clock was set back"],
)
def test_a_sign_of_life_is_of_the_last_minute(age: float, fresh: bool, tmp_path: Path) -> None:
    file = tmp_path / "ready"
    file.touch()
    os.utime(file, (time.time() - age,) * 2)
    assert holds(("fresh", str(file), "60")) is fresh


def test_a_file_that_is_missing_is_none(tmp_path: Path) -> None:
    assert not holds(("fresh", str(tmp_path / "ready"), "60"))
