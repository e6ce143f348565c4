"""Runs one function for many items, some at once, in bounded time."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def each(work: Callable[[T], None], items: Iterable[T], *, threads: int, seconds: float) -> list[T]:
    """Call ``work`` for each item; return the items that were not done in time.

    Args:
        work: must not raise. A call that is still running at the deadline goes on in the
            background and ends with the process.
        threads: calls at once.
    """
    waiting = deque(items)
    unfinished = list(waiting)
    late = threading.Event()

    def run() -> None:
        while not late.is_set():
            try:
                item = waiting.popleft()
            except IndexError:
                return
            work(item)
            unfinished.remove(item)

    deadline = time.monotonic() + seconds
    running = [threading.Thread(target=run, daemon=True) for _ in range(min(threads, len(waiting)))]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(max(0.0, deadline - time.monotonic()))
    late.set()
    return list(unfinished)
