"""A second host for a stack: a worker with its own home and name on this machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.agent_processes import kill
from tests.e2e.stack import Stack, agents_in, assert_nothing_left
from tests.waiting import wait_until


@dataclass
class SecondHost:
    """A worker that shares only the stack's servers."""

    home: Path
    name: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    worker_environment: dict[str, str]
    log: Path

    def signal(self, number: int) -> None:
        """Send the worker a signal; SIGSTOP simulates a machine without a network."""
        os.kill(self.process.pid, number)

    def die(self) -> None:
        """Kill the worker and all processes of its agents at once, like a machine's failure."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for processes in agents_in(self.home).values():
            kill(processes)

    def start_again(self) -> None:
        """Start its worker again after its end."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hephaestus_worker"],
                env=self.worker_environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def file_of(self, agent_id: str, name: str) -> Path:
        """Return the path of a file of one of its agents."""
        return self.home / "host" / "agents" / agent_id / name

    def _stop(self) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(20)
        subprocess.run(
            [sys.executable, "-m", "hephaestus_worker.shutdown"],
            env=self.environment,
            check=True,
            timeout=30,
            capture_output=True,
        )


@contextmanager
def second_host(
    stack: Stack,
    folder: Path,
    *,
    name: str = "two",
    environ: Mapping[str, str] | None = None,
    log: Path | None = None,
    **settings: Any,
) -> Iterator[SecondHost]:
    """Run a host until the end of the block; afterwards none of its processes is left.

    Args:
        environ: variables of its worker alone.
        log: its worker's log; default: in its home, which may have a full disk.
    """
    home = folder / name
    home.mkdir()
    log = log or home / "worker.log"
    # See running_stack.
    given = {"host_name": name, "agent_readable": f"[{folder.parent}]", **settings}
    environment = _environment(stack, home, given)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "hephaestus_worker"],
            env=environment | (environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    host = SecondHost(home, name, process, environment, environment | dict(environ or {}), log)
    try:
        wait_until(
            (home / "run" / "worker.ready").exists, timeout=30, what=f"the host works, see {log}"
        )
        yield host
    finally:
        host._stop()
    assert_nothing_left(home)


def _environment(stack: Stack, home: Path, settings: dict[str, Any]) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    given = {
        "home": home,
        "database_url": stack.recorded["database_url"],
        "redis_url": stack.recorded["redis_url"],
        "advertised_url": stack.sdk.url,
        "default_cli_tool": "scripted",
        **settings,
    }
    variables = {f"HEPHAESTUS_{name.upper()}": str(value) for name, value in given.items()}
    return inherited | variables | {"PYTHONPATH": str(Path(__file__).parents[2])}
