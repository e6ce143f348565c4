"""One shell command for the work of an agent: contained as the agent is, and bounded.

Nothing of it is left when :func:`run` returns: neither a process nor more than the end of its
output.
"""

import os
import selectors
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import IO, Final, Literal

from hephaestus_core.contract.statuses import Containment
from hephaestus_worker.terminal.enclosures import KEEPER, Enclosure
from hephaestus_worker.terminal.process_tree import MARKER, end_tree
from hephaestus_worker.terminal.sandbox import Reach

#: Bytes of output that are kept: the last ones.
OUTPUT_BYTES: Final = 4096

#: Seconds between two looks at the clock and at a request to stop.
_LOOK_SECONDS: Final = 0.1
#: Grace in seconds for the processes of a command at its limit.
_GRACE_SECONDS: Final = 2.0
_CHUNK_BYTES: Final = 65_536
#: Chunks that are still read of an ended command, whose output something else may hold open.
_LAST_CHUNKS: Final = 64

#: With the end of a command the kernel has ended all that it started.
_BY_KERNEL: Final = frozenset((Containment.SANDBOX, Containment.NAMESPACE))

End = Literal["exited", "timed out", "stopped"]


@dataclass(frozen=True)
class Ended:
    """The end of a command.

    Args:
        how: it ended by itself, or was ended at its time limit or because a stop was asked for.
        exit_status: 128 + N if signal N ended it; None unless it ended by itself.
        output: the last bytes of what it printed, errors included.
    """

    how: End
    exit_status: int | None
    output: bytes
    seconds: float


def run(
    command: str,
    *,
    mark: str,
    enclosure: Enclosure,
    reach: Reach,
    environment: Mapping[str, str],
    timeout: float,
    stop: Event,
    most: int = OUTPUT_BYTES,
) -> Ended:
    """Run the command by a shell in ``reach.working_directory``, and end all that it started.

    Args:
        mark: a name that no agent and no other command has; it finds the processes again.
        environment: all of the command's variables.
        timeout: seconds.
        stop: ends the command early once it is set.
        most: bytes of output that are kept.

    Raises:
        ProcessesLeft: some process cannot be ended.
        OSError: the command cannot be started.
    """
    began = time.monotonic()
    tail = _Tail(most)
    process = subprocess.Popen(
        [*_around(enclosure, reach), "/bin/sh", "-c", command],
        cwd=reach.working_directory,
        env={**environment, MARKER: mark, KEEPER: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    how: End | None = None
    try:
        how = _follow(process, tail, began + timeout, stop)
    finally:
        _end(process, mark, whole=how != "exited" or enclosure.containment not in _BY_KERNEL)
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    seconds = time.monotonic() - began
    return Ended(how, status if how == "exited" else None, tail.kept, seconds)


class _Tail:
    """The last bytes of a stream."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.kept = b""

    def add(self, chunk: bytes) -> None:
        self.kept = (self.kept + chunk)[-self._most :]


def _follow(process: "subprocess.Popen[bytes]", tail: _Tail, deadline: float, stop: Event) -> End:
    """Read the output until the command has ended or must end; say which."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while process.poll() is None:
            if stop.is_set():
                return "stopped"
            if time.monotonic() > deadline:
                return "timed out"
            if not selector.get_map():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_SECONDS)
            elif selector.select(_LOOK_SECONDS) and not _take(process.stdout, tail):
                selector.unregister(process.stdout)
    for _ in range(_LAST_CHUNKS):
        if not _take(process.stdout, tail):
            break
    return "exited"


def _take(pipe: IO[bytes], tail: _Tail) -> bool:
    """Take what is there of the output; False at its end, and if there is nothing."""
    try:
        chunk = os.read(pipe.fileno(), _CHUNK_BYTES)
    except BlockingIOError:
        return False
    tail.add(chunk)
    return bool(chunk)


def _end(process: "subprocess.Popen[bytes]", mark: str, *, whole: bool) -> None:
    """End the command, and with ``whole`` all that it started."""
    try:
        if whole:
            end_tree(mark, grace=_GRACE_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _around(enclosure: Enclosure, reach: Reach) -> tuple[str, ...]:
    """Return the command of the enclosure, which also ends with the thread that runs it."""
    around = enclosure.around(reach)
    if enclosure.containment != Containment.NAMESPACE:
        return around
    return ("setpriv", "--pdeathsig", "KILL", "--", *around)
