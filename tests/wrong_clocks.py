"""Processes whose clock is wrong: libfaketime shifts what the C library says is the time.

Only the wall clock is shifted; ``time.monotonic`` and timeouts go on as they are.
"""

import os
from importlib.util import find_spec
from pathlib import Path


def shifted(seconds: float, **environ: str) -> dict[str, str]:
    """Return an environment, with ``environ``, in which the clock is so many seconds ahead."""
    spec = find_spec("libfaketime")
    assert spec is not None, "libfaketime is missing; run: make install"
    assert spec.origin is not None
    library = Path(spec.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
    assert library.is_file(), f"{library} is missing: it was not built for this system"
    return {
        **os.environ,
        **environ,
        "LD_PRELOAD": str(library),
        "FAKETIME": f"{seconds:+.3f}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
