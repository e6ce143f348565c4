"""Bounds of what a refusal may cost."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bounded(*, megabytes: float, seconds: float) -> Iterator[None]:
    """Check what the block takes at its peak, in memory of Python, and in seconds of CPU time.

    A busy machine adds nothing to the latter.
    """
    tracemalloc.start()
    begun = time.process_time()
    try:
        yield
        used = time.process_time() - begun
        peak = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert peak <= megabytes, f"{peak:.1f} MB"
    assert used <= seconds, f"{used:.1f} s of CPU time"
