"""A second host of a stack: a worker with a home of its own on this machine."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.surroundings import Stack
from hephaestus_sdk.runtime.home import Home

_PATIENCE = 120.0
_LOOK_SECONDS = 0.02


def wait(condition: Callable[[], object], what: str) -> float:
    """Wait until the condition holds; return the seconds.

    Raises:
        RuntimeError: it did not within two minutes; the message names ``what``.
    """
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > _PATIENCE:
            raise RuntimeError(f"Waited {_PATIENCE:.0f} s in vain: {what}.")
        time.sleep(_LOOK_SECONDS)
    return time.perf_counter() - began


@contextmanager
def second_host(stack: Stack, home: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker until the end of the block; it may be killed before."""
    with (home / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "hephaestus_worker"],
            env=_environment(stack, home, name),
            stdout=log,
            stderr=log,
        )
    try:
        wait(lambda: any(host.name == name for host in stack.sdk.client.hosts()), "a second host")
        yield worker
    finally:
        worker.terminate()
        worker.wait(30)


def end_agents(stack: Stack, home: Path, name: str) -> None:
    """End what a killed worker has left on this machine."""
    subprocess.run(
        [sys.executable, "-m", "hephaestus_worker.shutdown"],
        env=_environment(stack, home, name),
        check=True,
        timeout=60,
        capture_output=True,
    )


def _environment(stack: Stack, home: Path, name: str) -> dict[str, str]:
    recorded = Home(stack.home).stack()
    given = {
        "home": home,
        "host_name": name,
        "database_url": recorded["database_url"],
        "redis_url": recorded["redis_url"],
        "advertised_url": stack.sdk.url,
        "default_cli_tool": "scripted",
    }
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    return inherited | {f"HEPHAESTUS_{key.upper()}": str(value) for key, value in given.items()}
