"""A worker that hangs tells where: its threads' stacks in its log."""

import signal
from pathlib import Path

from tests.integration.host.worker_processes import Workers
from tests.waiting import wait_until


def test_a_signal_writes_the_stacks_of_all_threads_to_the_log(
    tmp_path: Path, workers: Workers
) -> None:
    worker = workers.start(tmp_path / "home").wait_until_it_works()
    worker.process.send_signal(signal.SIGUSR2)
    wait_until(lambda: "hephaestus_core/watchdog.py" in worker.said, what="the watchdog's stack")
    assert worker.works
