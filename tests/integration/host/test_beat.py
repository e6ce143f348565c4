"""Beat on a real broker: it rings the bells that are due, and sleeps in between."""

import threading
from pathlib import Path
from typing import Any

from celery.beat import Service

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.settings.config import Settings
from hephaestus_worker.beat import scheduler
from hephaestus_worker.celery import create_app
from tests.waiting import wait_until

RINGS = 10


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
    (tmp_path / "run").mkdir()
    thread = threading.Thread(target=beat.start)
    thread.start()
    wait_until(lambda: looks and looks[-1] >= RINGS, what="beat rang")
    beat.stop()
    thread.join()
    assert len(looks) <= 5 * RINGS, "at most a few looks for each ring"
