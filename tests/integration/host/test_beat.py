"""Beat on a real broker: it rings what is due, and sleeps until then."""

import time
from pathlib import Path

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.config import Settings
from hephaestus_worker.beat import scheduler
from hephaestus_worker.celery import create_app

RINGS = 10


def test_it_sleeps_until_the_next_entry_is_due(redis_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path, redis_url=redis_url, reconcile_seconds=0.1))
    name = CeleryTaskName.RECONCILE_HOSTS
    app.conf.beat_schedule = {name: app.conf.beat_schedule[name]}
    beat = scheduler(Settings(home=tmp_path))(app, schedule_filename=str(tmp_path / "schedule"))
    looks = 0
    while beat.schedule[name].total_run_count < RINGS:
        looks += 1
        time.sleep(max(beat.tick(), 0.0))
    beat.close()
    assert looks <= 5 * RINGS, (
        "at most a few for each ring: one sends, others see how long it lasts"
    )
