"""Calls to the server beside the interface."""

import threading
from collections.abc import Callable
from contextlib import suppress


def begin(work: Callable[[], None]) -> None:
    """Run it on a thread that does not delay the end of the program, as a worker's would."""

    def run() -> None:
        with suppress(RuntimeError):  # the interface has ended and closed its client meanwhile
            work()

    threading.Thread(target=run, name="tui-call", daemon=True).start()
