"""The supervisor's log, and its reports to its starter."""

import contextlib
import json
import os
import sys
import time
from typing import Any


def log(text: str) -> None:
    """Write a line to the supervisor's log, which is its stderr."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S")
    with contextlib.suppress(OSError):
        print(f"{moment} {text}", file=sys.stderr, flush=True)  # noqa: T201 - see above


class Report:
    """Reports to the starter until the stack is ready, one JSON object per line."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def send(self, **content: Any) -> None:
        if self._descriptor is not None:
            # the starter may have ended; the stack goes on
            with contextlib.suppress(OSError):
                os.write(self._descriptor, (json.dumps(content) + "\n").encode())

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
