"""Reservations of calls: threads that ask for them at once share one transaction."""

import threading
from concurrent.futures import Future

from hephaestus_core.db.engine import Database
from hephaestus_core.llm import store
from hephaestus_core.llm.reservations import Limits, Order


class Reserving:
    """Reserves the calls of a process; all its threads share it.

    All calls of the system wait for one lock. So that the threads of a process do not wait there
    for each other, each with a connection of its own, one of them reserves for all that have come
    while another did. A thread alone does not wait.
    """

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._changed = threading.Condition()
        self._waiting: list[tuple[Order, Future[str | None]]] = []
        self._busy = False

    def reserve(self, order: Order) -> str | None:
        """Reserve a call, or return a sentence that says which budget is used up.

        No transaction of the caller may be open. An error of the database is raised for all calls
        of a transaction.
        """
        told: Future[str | None] = Future()
        with self._changed:
            self._waiting.append((order, told))
            self._changed.wait_for(lambda: told.done() or not self._busy)
            if told.done():
                return told.result()
            group, self._waiting, self._busy = self._waiting, [], True
        try:
            self._reserve(group)
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
        return told.result()

    def _reserve(self, group: list[tuple[Order, Future[str | None]]]) -> None:
        try:
            with self._database.transaction() as session:
                refused = store.reserve(session, [order for order, _ in group], self._limits)
        except BaseException as error:
            for _, told in group:
                told.set_exception(error)
            raise
        for (_, told), reason in zip(group, refused, strict=True):
            told.set_result(reason)
