"""What this process does at its end: when its program is over, has failed, or gets a signal.

The program's own signal handlers stay as they are: one that ends the program by ``sys.exit`` or
an exception comes here too. Of SIGKILL nobody here can know; for that the supervisor looks for
users (:mod:`hephaestus_sdk.runtime.users`).
"""

import atexit
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

Ending = Callable[[], None]

#: They end a process without another word, unless it handles them.
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)

_endings: dict[Ending, int] = {}
"""What is to be done, and the process that it belongs to: a fork inherits it and does nothing."""


def add(ending: Ending) -> None:
    """Have ``ending`` called when this process ends, unless it is removed before.

    Signals are handled from now on only where that is asked for in the main thread, and their
    default would end the process.
    """
    atexit.unregister(_end_all)
    atexit.register(_end_all)
    _endings[ending] = os.getpid()
    if _is_main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _on_signal)


def remove(ending: Ending) -> None:
    """Do not call ``ending`` any more; with the last one the signals get their default back."""
    _endings.pop(ending, None)
    if not _endings:
        _restore_signals()


def say(text: str) -> None:
    """Write a line to stderr; safe in a signal handler that interrupted another write."""
    if sys.__stderr__ is not None:
        with contextlib.suppress(OSError, ValueError):
            os.write(sys.__stderr__.fileno(), f"hephaestus: {text}\n".encode())


def _end_all() -> None:
    while _endings:
        ending, process = _endings.popitem()
        if process == os.getpid():
            ending()


def _on_signal(number: int, _frame: FrameType | None) -> None:
    # First: who is impatient and sends another ends this process at once.
    _restore_signals()
    _end_all()
    os.kill(os.getpid(), number)
    # Only the first process of a container is still alive: the kernel spares it the default.
    raise SystemExit(128 + number)


def _restore_signals() -> None:
    if _is_main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) is _on_signal:
                signal.signal(number, signal.SIG_DFL)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
