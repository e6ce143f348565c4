"""Start the schedule: ``python -m hephaestus_worker.beat``. One per system is enough.

A second one only doubles the bells, which is harmless.
"""

import sys
from typing import Any

from celery import signals
from celery.beat import PersistentScheduler

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.logging import configure_logging
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_worker.celery import create_app
from hephaestus_worker.process import say_ready
from hephaestus_worker.terminal.private_files import private_folder


def main() -> int:
    settings = load_settings()
    configure_logging(settings.log_level)
    app = create_app(settings)
    app.conf.beat_scheduler = scheduler(settings)
    beat = app.Beat(loglevel=settings.log_level, quiet=True)
    signals.beat_init.connect(lambda **_: say_ready(settings, "beat"), weak=False)
    beat.run()
    return 0


def scheduler(settings: Settings) -> type[PersistentScheduler]:
    """Return a scheduler that shows a sign of life at each look at the schedule."""

    class Living(PersistentScheduler):
        def setup_schedule(self) -> None:
            """Make the folder of the record, which a fresh home does not have."""
            private_folder(HomeLayout(settings.home).beat_schedule.parent)
            super().setup_schedule()

        def tick(self, *args: Any, **kwargs: Any) -> Any:
            say_ready(settings, "beat")
            return super().tick(*args, **kwargs)

        def adjust(self, n: int, drift: float = 0.0) -> float:
            """Wake when an entry is due. Celery wakes 10 ms earlier and spins."""
            return super().adjust(n, drift)

    return Living


if __name__ == "__main__":
    sys.exit(main())
