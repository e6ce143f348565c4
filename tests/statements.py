"""The statements that a test sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from hephaestus_core.db.engine import Database


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile, each of a batch by itself."""
    sent: list[str] = []

    def note(_: Any, __: Any, sql: str, given: Any, ___: Any, many: bool) -> None:
        sent.extend([sql] * (len(given) if many else 1))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
