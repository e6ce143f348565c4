"""The time of `hephaestus up`, from start to end of the command, in an existing home."""

import os
import subprocess
import sys
import time
from pathlib import Path

from bench.rows import Row, Target, p50
from bench.surroundings import free_ports, temporary_folder

SAMPLES = 5
_LONGEST_SECONDS = 120


def measure() -> dict[str, Row]:
    """Return the row ``up_seconds``."""
    with temporary_folder() as folder:
        home = folder / "home"
        making = _up_and_down(home)
        seconds = [_up_and_down(home) for _ in range(SAMPLES)]
    raw = {"seconds": seconds, "seconds_with_making_the_home": making}
    return {"up_seconds": Row(p50(seconds), "s", Target(6.0), SAMPLES, raw)}


def _up_and_down(home: Path) -> float:
    """Start the stack and stop it; return the seconds that the start took."""
    api_port, ui_port = free_ports()
    try:
        began = time.perf_counter()
        _hephaestus("up", "--port", str(api_port), "--ui-port", str(ui_port), home=home)
        return time.perf_counter() - began
    finally:
        _hephaestus("down", home=home)


def _hephaestus(*arguments: str, home: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hephaestus_sdk.cli.main", *arguments, "--home", str(home)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=_LONGEST_SECONDS,
        env={k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")},
    )
