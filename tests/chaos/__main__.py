"""A chaos run: ``python -m tests.chaos --minutes 10 --tasks 1000 --seed 7``.

Two hosts work while faults strike. At the end all tasks, merges, files, events, processes and
worktrees are compared one by one. The exit status is 1 if anything was lost, doubled or left. The
run needs the right to mount a file system in memory.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.storm import Storm
from tests.chaos.work import ChaosWork
from tests.e2e.recorder import Recorder
from tests.e2e.second_host import second_host
from tests.e2e.stack import Stack, assert_settled, running_stack, worktrees_in
from tests.small_disk import small_disk
from tests.tcp_relay import Relay
from tests.waiting import wait_until
from tests.wrong_clocks import shifted

_SETTINGS = {"heartbeat_seconds": 1.0, "lease_seconds": 8.0, "reconcile_seconds": 2.0}
_DISK_BYTES = 400_000_000
_REPORT_SECONDS = 20.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--minutes", type=float, default=10, help="how long the faults strike")
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--agents", type=int, default=24, help="the most at once")
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="hephaestus-chaos-") as folder:
        return _run(Path(folder), given)


def _run(folder: Path, given: argparse.Namespace) -> int:
    rng = random.Random(given.seed)
    slots = max(1, given.agents // 2)
    settings = {**_SETTINGS, "max_concurrent_agents": given.agents, "host_slots": slots}
    began = time.monotonic()
    with running_stack(folder, **settings) as stack, _storm(stack, folder, rng, settings) as storm:
        recorder = Recorder(stack)
        work = ChaosWork(stack, rng=rng).start(parents=max(1, given.tasks // 4))
        calm = threading.Event()
        threading.Thread(target=_report, args=(work, calm), daemon=True).start()
        storm.blow(until=began + given.minutes * 60)
        print(f"calm after {time.monotonic() - began:.0f} s", flush=True)
        work.wait(timeout=given.minutes * 120 + given.tasks * 2)
        calm.set()
        work.check()
        recorder.check()
        assert_settled(stack)
        wait_until(lambda: worktrees_in(storm.second.home) == [], what="no worktree is left")
        _tell(stack, storm, work, time.monotonic() - began)
    return 0


@contextmanager
def _storm(
    stack: Stack, folder: Path, rng: random.Random, settings: dict[str, object]
) -> Iterator[Storm]:
    clock = folder / "clock"
    clock.write_text("+0s")
    database = stack.recorded["database_url"]
    port = int(database.rpartition(":")[2].partition("/")[0])
    relay = Relay(port)
    # libfaketime reads the file anew each second; without FAKETIME the file counts.
    environ = shifted(0, FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_CACHE_DURATION="1")
    environ = {k: v for k, v in environ.items() if k not in os.environ and k != "FAKETIME"}
    # A host claims nothing while its disk is nearly full; this one is small.
    small = {"least_free_bytes": _DISK_BYTES // 20, "least_free_inodes": 1_000}
    through = small | {"database_url": database.replace(f":{port}/", f":{relay.port}/")}
    with (
        small_disk(folder / "disk", size=_DISK_BYTES, inodes=500_000) as disk,
        second_host(stack, disk.path, environ=environ, **settings | through) as second,
    ):
        try:
            yield Storm(stack, second, disk, relay, clock, rng)
        finally:
            clock.write_text("+0s")
    relay.close()


def _report(work: ChaosWork, calm: threading.Event) -> None:
    query = "SELECT status, count(*) AS n FROM tasks GROUP BY status ORDER BY status"
    while not calm.wait(_REPORT_SECONDS):
        try:
            counts = {row["status"]: row["n"] for row in work.stack.rows(query)}
        except Exception as error:  # the database may be down at this very moment
            counts = {"no answer": type(error).__name__}
        print(f"{time.strftime('%H:%M:%S')} {counts}", flush=True)


def _tell(stack: Stack, storm: Storm, work: ChaosWork, seconds: float) -> None:
    attempts = stack.one("SELECT count(*) FROM agents")
    events = stack.one("SELECT count(*) FROM events")
    print(f"\n{work.total} tasks done once, {attempts} attempts, {events} events, {seconds:.0f} s")
    for name, count in storm.struck.most_common():
        print(f"  {count:3} × {name}")
    print("0 lost, 0 doubled, 0 orphans")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
