"""Runs tests, and those that failed once more, alone: a test that passes then is flaky.

    python -m tests.second_chance tests --numprocesses=2

All arguments are pytest's. The exit status is pytest's as well, but for flaky tests, which are
printed and fail nothing; tests/flaky.md lists the known ones.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

#: More failures than this have one cause, which a second try does not take away.
MOST = 20
SLOWEST = 20
KNOWN = Path(__file__).with_name("flaky.md")
_SOME_FAILED = 1


def main(arguments: list[str]) -> int:
    """Run pytest once, and a second time if there is hope; returns the exit status."""
    with tempfile.TemporaryDirectory() as cache:
        status = _pytest(cache, f"--durations={SLOWEST}", *arguments)
        failed = _failed(cache)
        if status != _SOME_FAILED or not failed:
            return status
        if len(failed) > MOST:
            print(f"{len(failed)} tests failed, too many to be flaky: none is run again.")
            return status
        print(f"\n=== once more, alone: {len(failed)} that failed", flush=True)
        # Without xdist: nothing else runs beside them.
        status = _pytest(cache, "--numprocesses=0", "--last-failed", *_paths(failed))
        tell(sorted(failed - _failed(cache)))
        return status


def _pytest(cache: str, *arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments]
    return subprocess.run(command, check=False).returncode


def _failed(cache: str) -> set[str]:
    """Return the ids of the tests that failed when each was last run."""
    noted = Path(cache, "v", "cache", "lastfailed")
    return set(json.loads(noted.read_text())) if noted.exists() else set()


def _paths(failed: set[str]) -> list[str]:
    return sorted({name.partition("::")[0] for name in failed})


def tell(flaky: list[str], known_ones: Path = KNOWN) -> None:
    """Print the flaky tests, and which of them are not on the list yet."""
    known = re.findall(r"^- `(.+?)`", known_ones.read_text(), re.MULTILINE)
    for name in flaky:
        print(f"flaky: {name}" + ("" if name in known else " (not in tests/flaky.md yet)"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
