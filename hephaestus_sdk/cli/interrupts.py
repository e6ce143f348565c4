"""What ends a command before its end: Ctrl-C, SIGTERM, and a wait of its own that ran out."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from hephaestus_sdk.errors import TaskTimeoutError

if TYPE_CHECKING:
    from hephaestus_sdk.sdk import HephaestusSDK

_STOPPED: Final = "its stack is stopped; the work goes on at the next start"


class Terminated(KeyboardInterrupt):
    """SIGTERM came; what was begun is put away as after Ctrl-C."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise :class:`Terminated` in this block when SIGTERM comes."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def telling_the_truth(sdk: "HephaestusSDK") -> Iterator[None]:
    """Say of a run that ends early what becomes of its work; ``sdk`` is shut down in the block."""
    from hephaestus_sdk.waiting.waits import WORK_GOES_ON  # `--help` needs no HTTP

    try:
        yield
    except KeyboardInterrupt as error:
        if not sdk.stopped_its_stack:
            raise
        raise type(error)(f"interrupted; {_STOPPED}") from None
    except TaskTimeoutError as error:
        if not sdk.stopped_its_stack:
            raise
        message = error.message.replace(WORK_GOES_ON, _STOPPED)
        raise TaskTimeoutError(message, progress=error.progress) from None


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    # Whoever is impatient and sends another must not break the putting away.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated
