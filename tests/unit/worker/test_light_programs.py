"""The programs beside a worker live as long as it does, so they load little."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("program", "heavy"),
    [
        ("hephaestus_worker.beat", "sqlalchemy hephaestus_core.db"),
        ("hephaestus_worker.caretaker", "sqlalchemy celery redis hephaestus_core.db"),
    ],
)
def test_a_program_that_only_waits_stays_small(program: str, heavy: str) -> None:
    script = f"import sys, {program}; print([m for m in '{heavy}'.split() if m in sys.modules])"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout == "[]\n"
