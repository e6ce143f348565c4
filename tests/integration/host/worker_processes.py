"""Real worker processes on one database and one broker."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from hephaestus_core.contract.home import HomeLayout
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]


class Worker:
    """A worker process."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.ready = HomeLayout(home).ready_file("worker")
        self.ready.unlink(missing_ok=True)
        self._log = home.with_suffix(".log")
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hephaestus_worker"],
                env=environment | {"HEPHAESTUS_HOME": str(home)},
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def works(self) -> bool:
        return self.process.poll() is None and self.ready.exists()

    def wait_until_it_works(self) -> "Worker":
        ended = lambda: self.ready.exists() or self.process.poll() is not None  # noqa: E731
        wait_until(ended, timeout=60, what="the worker works")
        assert self.works, self.said
        return self

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Workers:
    """Starts workers on one database and one broker."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
        self._urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        self.all: list[Worker] = []

    def start(self, home: Path, **settings: Any) -> Worker:
        given = self._urls | {name.upper(): value for name, value in settings.items()}
        variables = {f"HEPHAESTUS_{name}": str(value) for name, value in given.items()}
        home.mkdir(exist_ok=True)
        self.all.append(Worker(home, self._inherited | variables))
        return self.all[-1]
