"""One line per log record: time, level, logger, a constant event name, and its values."""

import logging
from typing import Any


def configure_logging(level: str) -> None:
    """Log to standard error from ``level`` upwards, in place of any earlier configuration."""
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)-7s %(name)s %(message)s",
        force=True,
    )
    # Both log per message what our own records say once.
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
    logging.getLogger("celery.beat").setLevel(logging.WARNING)


def log_event(
    logger: logging.Logger, event: str, *, level: int = logging.INFO, **values: Any
) -> None:
    """Log a constant ``event`` name with ``name=value`` pairs; pass ids, never whole objects."""
    pairs = " ".join(f"{name}={value}" for name, value in values.items())
    logger.log(level, "%s %s", event, pairs)
