"""Beat on a real broker: it rings the bells that are due, and sleeps in between."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from celery.beat import Service

from hephaestus_core.bells import BROKER_KEY_PREFIX, CONTROL_QUEUE, CeleryTaskName
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings
from hephaestus_worker.beat import scheduler
from hephaestus_worker.celery import create_app
from tests.waiting import wait_until

RINGS = 10
ROOT = Path(__file__).parents[3]


@contextmanager
def running_beat(home: Path, redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the process of beat with an environment of a container: a home, and nothing in it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    given = {"HOME": home, "REDIS_URL": redis_url, "RECONCILE_SECONDS": 0.1}
    process = subprocess.Popen(
        [sys.executable, "-m", "hephaestus_worker.beat"],
        env=environment | {f"HEPHAESTUS_{name}": str(value) for name, value in given.items()},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_process_rings_on_a_fresh_home_and_on_the_same_home_again(
    redis_url: str, tmp_path: Path
) -> None:
    home = tmp_path / "fresh" / "home"
    with contextlib.closing(redis.Redis.from_url(redis_url)) as broker:
        for _ in range(2):
            heard = broker.llen(f"{BROKER_KEY_PREFIX}{CONTROL_QUEUE}")
            with running_beat(home, redis_url) as beat:
                wait_until(
                    lambda heard=heard, beat=beat: (
                        beat.poll() is not None
                        or broker.llen(f"{BROKER_KEY_PREFIX}{CONTROL_QUEUE}") >= heard + RINGS
                    ),
                    timeout=60,
                    what="beat rang",
                )
                assert beat.poll() is None, "beat lives"
                beat.terminate()
                assert beat.wait(30) == 0
    # The database library may add an ending.
    assert list(HomeLayout(home).run.glob(f"{HomeLayout(home).beat_schedule.name}*"))
    assert HomeLayout(home).ready_file("beat").exists()


def test_it_sleeps_until_the_next_entry_is_due(redis_url: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, redis_url=redis_url, reconcile_seconds=0.1)
    looks = []

    class Counting(scheduler(settings)):  # type: ignore[misc]
        def tick(self, *args: Any, **kwargs: Any) -> Any:
            looks.append(self.schedule[name].total_run_count)
            return super().tick(*args, **kwargs)

    app = create_app(settings)
    name = CeleryTaskName.RECONCILE_HOSTS
    app.conf.beat_schedule = {name: app.conf.beat_schedule[name]}
    beat = Service(app, scheduler_cls=Counting)
    thread = threading.Thread(target=beat.start)
    thread.start()
    wait_until(lambda: looks and looks[-1] >= RINGS, what="beat rang")
    beat.stop()
    thread.join()
    assert len(looks) <= 5 * RINGS, "at most a few looks for each ring"
