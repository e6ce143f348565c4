"""Work on many rows in small transactions, which hold their locks only briefly."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from hephaestus_core.db.engine import Database


def in_batches(db: Database, batch: Callable[[Session], int], *, at_once: int, most: int) -> int:
    """Do a batch per transaction until one is not full; return how many rows were done in all.

    Args:
        db: the database.
        batch: does up to ``at_once`` rows in the open transaction, and returns how many.
        at_once: rows of a full batch.
        most: batches; what is left then waits for the next call.
    """
    done = 0
    for _ in range(most):
        with db.transaction() as session:
            found = batch(session)
        done += found
        if found < at_once:
            break
    return done
