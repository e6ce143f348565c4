"""A command on a terminal of 80 columns and 24 lines, as a person runs it."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

COLUMNS, LINES = 80, 24
#: Seconds after which a command is killed, so that its exit code fails the test.
_LONGEST = 110.0


def on_terminal(
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path | None = None,
    keys: tuple[str, str] | None = None,
) -> tuple[int, str]:
    """Run ``hephaestus …``; return its exit code and all of its terminal output.

    Args:
        keys: a text, and the input to type once the terminal shows it.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "hephaestus_sdk.cli.main", *arguments],
        env={**_plain_environment(), "TERM": "xterm-256color", **env},
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    overdue = threading.Timer(_LONGEST, process.kill)
    overdue.start()
    shown = b""
    with suppress(
        OSError
    ):  # Linux returns this error when no process holds the other end any more.
        while part := os.read(ours, 65536):
            shown += part
            if keys is not None and keys[0].encode() in shown:
                os.write(ours, keys[1].encode())
                keys = None
    os.close(ours)
    code = process.wait(_LONGEST)
    overdue.cancel()
    return code, shown.decode().replace("\r\n", "\n")


def _plain_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HEPHAESTUS_")
        and name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}
    }
