"""Waiting for conditions, so that no test sleeps for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], *, timeout: float = 10.0, what: str) -> T:
    """Return the first true value of ``condition``, which is asked every 10 ms.

    Raises:
        AssertionError: it was not true within ``timeout`` seconds; the message names ``what``.
    """
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {timeout:g} s in vain: {what}")
        time.sleep(0.01)
    return value
