"""The quick check: lint, types, unit tests, and the integration tests of changed files.

    make quick

A file is *changed* if it differs from the branch `main`, committed or not. TESTS_OF maps folders to
their tests. After three minutes the check ends and lists the tests that were not run.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
SECONDS: Final = 170.0
_UNANSWERED: Final = 124
_GRACE_SECONDS: Final = 10

#: Source folder -> its tests under tests/integration; the longest matching folder counts.
TESTS_OF: Final[dict[str, tuple[str, ...]]] = {
    "hephaestus_core": ("core",),
    "hephaestus_web": ("web",),
    "hephaestus_web/mcp": ("mcp",),
    "hephaestus_sdk": ("sdk",),
    "hephaestus_sdk/runtime": ("runtime",),
    "hephaestus_sdk/stack": ("sdk/test_local_stack.py", "runtime"),
    "hephaestus_worker": ("host",),
    "hephaestus_worker/agent_programs": ("agents",),
    "hephaestus_worker/git": ("git",),
    "hephaestus_worker/reviews": ("reviews",),
    "hephaestus_worker/scripted_agent": ("agents/test_scripted.py",),
    "hephaestus_worker/terminal": (
        *("agents/test_tmux.py", "agents/test_process_tree.py", "agents/test_enclosures.py"),
    ),
    "migrations": ("core/test_migrations.py",),
    "workflows": (),
    "examples": ("sdk/test_examples.py",),
}

CHECKS: Final = (
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["lint-imports", "setup.cfg"],
    ["mypy"],
    ["pytest", "-q", "tests/unit", "--numprocesses=2"],
)


def chosen_for(changed: Iterable[str]) -> list[str]:
    """Return the integration tests to run for changed files, including changed tests."""
    found: set[str] = set()
    for path in changed:
        if path.startswith(("tests/integration/", "tests/e2e/")):
            found |= _changed_tests(Path(path))
            continue
        folders = [str(parent) for parent in Path(path).parents if str(parent) in TESTS_OF]
        found |= {f"tests/integration/{tests}" for f in folders[:1] for tests in TESTS_OF[f]}
    return sorted(path for path in found if not _within_another(path, found))


def changed_files(root: Path = ROOT) -> list[str]:
    """Return the files that differ from main, including deleted and untracked files."""
    names = _git(root, "branch", "--list", "--all", "--format=%(refname)", "main", "origin/main")
    base = _git(root, "merge-base", "HEAD", names[0]) if names else ["HEAD"]
    others = _git(root, "ls-files", "--others", "--exclude-standard")
    return sorted({*_git(root, "diff", "--name-only", "--no-renames", base[0]), *others})


def main() -> int:
    """Run as many checks as time allows; return the first exit status that is not 0."""
    deadline = time.monotonic() + SECONDS
    chosen = [path for path in chosen_for(changed_files()) if (ROOT / path).exists()]
    steps = [*CHECKS, *(["pytest", "-q", tests, "--numprocesses=2"] for tests in chosen)]
    for number, step in enumerate(steps):
        print(f"\n=== {' '.join(step)}", flush=True)
        status = run_until(deadline, [str(BIN / step[0]), *step[1:]])
        if status is None:
            rest = "\n".join(" ".join(step) for step in steps[number:])
            print(f"\nNo answer within {SECONDS:g} s; not finished:\n{rest}")
            return _UNANSWERED
        if status:
            return status
    return 0


def run_until(deadline: float, command: list[str]) -> int | None:
    """Run a command and return its exit status; interrupt it at the deadline and return None."""
    left = deadline - time.monotonic()
    if left <= 0:
        return None
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        return process.wait(left)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and its children, after a grace period for pytest to stop its servers."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)


def _changed_tests(path: Path) -> set[str]:
    """Return a test file itself; for a shared file, return all tests of its folder."""
    if path.name.startswith("test_"):
        return {str(path)}
    return {str(path.parent)} if path.match("tests/integration/*/*") else set()


def _within_another(path: str, paths: set[str]) -> bool:
    return any(str(parent) in paths for parent in Path(path).parents)


def _git(root: Path, *arguments: str) -> list[str]:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.split()


if __name__ == "__main__":
    sys.exit(main())
