"""Runs tests, then runs the failed tests again, alone: a test that then passes is flaky.

    python -m tests.second_chance tests --numprocesses=2

All arguments go to pytest. The exit status is pytest's, but flaky tests are only printed and cause
no failure. tests/flaky.md lists the known flaky tests.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

#: More failures than this have a common cause, which a second run would not remove.
MOST = 20
SLOWEST = 20
KNOWN = Path(__file__).with_name("flaky.md")
_SOME_FAILED = 1


def main(arguments: list[str]) -> int:
    """Run pytest, then the failed tests again if they are few; return the exit status."""
    with tempfile.TemporaryDirectory() as cache:
        status = _pytest(cache, f"--durations={SLOWEST}", *arguments)
        failed = _failed(cache)
        if status != _SOME_FAILED or not failed:
            return status
        if len(failed) > MOST:
            print(f"{len(failed)} tests failed, too many to be flaky: none is run again.")
            return status
        print(f"\n=== once more, alone: {len(failed)} that failed", flush=True)
        # Without xdist, no other test runs at the same time.
        status = _pytest(cache, "--numprocesses=0", "--last-failed", *_paths(failed))
        tell(sorted(failed - _failed(cache)))
        return status


def _pytest(cache: str, *arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments]
    return subprocess.run(command, check=False).returncode


def _failed(cache: str) -> set[str]:
    """Return the ids of the tests whose last run failed."""
    noted = Path(cache, "v", "cache", "lastfailed")
    return set(json.loads(noted.read_text())) if noted.exists() else set()


def _paths(failed: set[str]) -> list[str]:
    return sorted({name.partition("::")[0] for name in failed})


def tell(flaky: list[str], known_ones: Path = KNOWN) -> None:
    """Print the flaky tests, and mark those that are not on the list yet."""
    known = re.findall(r"^- `(.+?)`", known_ones.read_text(), re.MULTILINE)
    for name in flaky:
        print(f"flaky: {name}" + ("" if name in known else " (not in tests/flaky.md yet)"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
