"""Work on many rows, of which one that is broken does not hold up the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.db.engine import AWAY
from hephaestus_core.logging import log_event

logger = logging.getLogger(__name__)

T = TypeVar("T")


def for_each(act: Callable[[T], object], items: Iterable[T], *, work: str) -> list[Exception]:
    """Call ``act`` for each item; a fault in one is logged, and the next one has its turn.

    Args:
        act: a use case with a transaction of its own.
        work: what is done, for the log.

    Returns the faults.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database is away, and would not answer for the next one.
    """
    faults: list[Exception] = []
    for item in items:
        try:
            act(item)
        except AWAY:
            raise
        except HephaestusError as error:
            log_event(logger, "one_put_off", level=logging.WARNING, work=work, reason=error.message)
            faults.append(error)
        except Exception as error:  # a later pass finds the same rows
            logger.exception("one_failed work=%s", work)
            faults.append(error)
    return faults
