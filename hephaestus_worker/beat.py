"""Start the schedule: ``python -m hephaestus_worker.beat``. One per system is enough.

Two of them only ring twice as often, which changes nothing.
"""

import sys

from hephaestus_core.config import load_settings
from hephaestus_core.logging import configure_logging


def main() -> int:
    settings = load_settings()
    configure_logging(settings.log_level)
    from hephaestus_worker.celery import app

    app.Beat(loglevel=settings.log_level, max_interval=min(settings.reconcile_seconds, 5)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
