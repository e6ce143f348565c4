"""The time that checks add to their commands, on a repository of 500 files.

The tree is set up by a command that takes no time itself, as one whose result is cached.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from threading import Event

from bench.rows import Row, Target
from bench.surroundings import folder_on_disk, git, make_repository
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.reviews.checks import run_checks
from hephaestus_worker.reviews.grounds import Ground, check_environment
from hephaestus_worker.terminal import enclosures

SAMPLES = 15
#: Further commands in one run, each of which leaves a file behind.
_MORE = 5
_COMMAND_SECONDS = 0.05


def measure() -> dict[str, Row]:
    """Return the rows ``check_seconds`` and ``clean_tree_seconds``."""
    with folder_on_disk() as folder:
        repository = make_repository(folder / "project")
        commit = git("rev-parse", "HEAD", folder=repository).strip()
        mirror = Mirror.open(str(repository), folder / "mirrors")
        ground = _ground(folder / "checks")
        one = [_run(mirror, commit, ground, commands=1) for _ in range(SAMPLES)]
        more = [_run(mirror, commit, ground, commands=1 + _MORE) for _ in range(SAMPLES)]
    each = [(taken - median(one)) / _MORE - _COMMAND_SECONDS for taken in more]
    trees = [taken - _COMMAND_SECONDS for taken in one]
    return {
        "check_seconds": _row(each, Target(0.3)),
        "clean_tree_seconds": _row(trees, Target(1.0)),
    }


def _ground(folder: Path) -> Ground:
    folder.mkdir()
    enclosure = enclosures.probed(sandboxed=True)
    return Ground(folder, folder.parent / "base-runs", enclosure, check_environment([]))


def _run(mirror: Mirror, commit: str, ground: Ground, *, commands: int) -> float:
    """Return the seconds of a run with so many commands."""
    command = f"touch left-behind; sleep {_COMMAND_SECONDS}"
    checks = [Check(check_type="command_success", command=command)] * commands
    began = time.perf_counter()
    outcomes = run_checks(
        mirror, commit, commit, checks, ground=ground, setup_command="true", stop=Event()
    )
    taken = time.perf_counter() - began
    if any(each.status != "passed" for each in outcomes):
        raise RuntimeError(f"A check did not pass: {outcomes}")
    return taken


def _row(seconds: Sequence[float], target: Target) -> Row:
    return Row(median(seconds), "s", target, len(seconds), {"seconds": list(seconds)})
