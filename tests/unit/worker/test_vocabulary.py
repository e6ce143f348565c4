"""Names of Celery tasks, queues and the schedule are one vocabulary; this holds it together."""

from pathlib import Path

import pytest

from hephaestus_core import bells
from hephaestus_core.settings.config import load_settings
from hephaestus_worker.celery import create_app
from hephaestus_worker.schedule import schedule
from hephaestus_worker.tasks.answers import ANSWERS

NAMES = {
    value
    for name, value in vars(bells.CeleryTaskName).items()
    if not name.startswith("_") and isinstance(value, str)
}


@pytest.fixture
def registered(tmp_path: Path) -> set[str]:
    settings = load_settings(
        environ={}, overrides={"home": str(tmp_path), "redis_url": "redis://127.0.0.1:1/0"}
    )
    app = create_app(settings)
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_every_name_is_a_celery_task_and_every_celery_task_has_its_name(
    registered: set[str],
) -> None:
    assert registered == NAMES
    assert set(ANSWERS) == NAMES


def test_the_schedule_rings_only_names_that_exist() -> None:
    entries = schedule(load_settings(environ={}))
    assert {name for entry in entries for name in (entry.rung, entry.done)} <= NAMES


def test_the_guardian_sweeps_every_sixty_seconds() -> None:
    [sweep] = [
        entry
        for entry in schedule(load_settings(environ={}))
        if entry.rung == bells.CeleryTaskName.GUARDIAN_SWEEP
    ]
    assert (sweep.done, sweep.seconds) == (bells.CeleryTaskName.OBSERVE_HOST, 60.0)
