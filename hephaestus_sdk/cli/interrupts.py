"""What ends a command before its end: Ctrl-C, SIGTERM, SIGHUP, and a wait of its own."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

import click

from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.wording import told
from hephaestus_sdk.errors import HephaestusError, TaskTimeoutError

if TYPE_CHECKING:
    from hephaestus_sdk.sdk import HephaestusSDK

#: Of a machine that wants the program to end, and of a terminal or a connection that is gone.
_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
_SIGNALS: Final = frozenset({signal.SIGINT, *_ENDINGS})


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP came; what was begun is put away as after Ctrl-C."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise :class:`Terminated` in this block when SIGTERM or SIGHUP comes.

    A signal that is ignored, as SIGHUP is after ``nohup``, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    heard = [number for number in _ENDINGS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _terminate) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C, SIGTERM and SIGHUP back until the end of this block, which is short."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class AbortedRun:
    """What becomes of a run's workflow and stack when the run ends before its workflow.

    Args:
        sdk: on whose stack it runs; shut down within :meth:`told`.
        keep: leave the workflow to whoever runs the stack next.
    """

    def __init__(self, sdk: "HephaestusSDK", *, keep: bool) -> None:
        self._sdk = sdk
        self._keep = keep
        self._begun = False
        self._stopped: str | None = None
        """What became of the workflow when it was stopped."""

    @contextmanager
    def stopping(self, workflow_id: str) -> Iterator[None]:
        """Stop the workflow if this block is left by an exception."""
        self._begun = True
        try:
            yield
        except BaseException:
            if not self._keep:
                self._stopped = self._stop(workflow_id)
            raise

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say of a run that is aborted in this block what becomes of its work."""
        from hephaestus_sdk.waiting.waits import WORK_GOES_ON  # `--help` needs no HTTP

        try:
            yield
        except KeyboardInterrupt as error:
            raise type(error)(f"interrupted; {self._said()}") from None
        except TaskTimeoutError as error:
            message = error.message.replace(WORK_GOES_ON, self._said())
            raise TaskTimeoutError(message, progress=error.progress) from None
        except HephaestusError:
            if self._stopped is not None:
                click.echo(plain(self._stopped), err=True)
            raise

    def _stop(self, workflow_id: str) -> str:
        try:
            self._sdk.stop_workflow(workflow_id, "its run was aborted")
        except HephaestusError as error:
            return (
                f"the workflow could not be stopped ({told(error)}); "
                f"`hephaestus stop {workflow_id}` does it"
            )
        return "the workflow is stopped, and what was finished is kept"

    def _said(self) -> str:
        stack = "the stack is stopped" if self._sdk.stopped_its_stack else None
        if not self._begun:
            return "; ".join(filter(None, ("no workflow was started", stack)))
        if self._stopped is not None:
            return "; ".join(filter(None, (self._stopped, stack)))
        return f"{stack}; the work goes on at the next start" if stack else "the work goes on"


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    # Whoever is impatient and sends another must not break the putting away.
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise Terminated
