"""Start the schedule: ``python -m hephaestus_worker.beat``. One per system is enough.

Two of them only ring twice as often, which changes nothing.
"""

import sys

from celery import signals

from hephaestus_core.config import load_settings
from hephaestus_core.logging import configure_logging
from hephaestus_worker.celery import create_app
from hephaestus_worker.process import say_ready


def main() -> int:
    settings = load_settings()
    configure_logging(settings.log_level)
    beat = create_app(settings).Beat(loglevel=settings.log_level, quiet=True)
    signals.beat_init.connect(lambda **_: say_ready(settings, "beat"), weak=False)
    beat.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
