"""The time that checks add to their commands, on a repository of 500 files.

``check_seconds`` has a set-up that takes no time. The clean trees of ``clean_tree_seconds`` begin
with the kept result of one that takes a second and makes thousands of small files.
"""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event

from bench.rows import Row, Target
from bench.surroundings import folder_on_disk, git, make_repository
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.kept_setups import Keeping
from hephaestus_worker.host.spreading import spread_subfolders
from hephaestus_worker.reviews.checks import run_checks
from hephaestus_worker.reviews.grounds import Ground, check_environment
from hephaestus_worker.terminal import enclosures

SAMPLES = 15
#: Further commands in one run, each of which leaves a file behind.
_MORE = 5
_COMMAND_SECONDS = 0.05
_SET_UP = (
    "sleep 1; mkdir -p deps && cd deps && "
    "for i in $(seq 2000); do echo 'a module' > module$i.txt; done"
)
_LOCK = "part0/file0.txt"


def measure() -> dict[str, Row]:
    """Return the rows ``check_seconds`` and ``clean_tree_seconds``."""
    with folder_on_disk() as folder:
        repository = make_repository(folder / "project")
        commit = git("rev-parse", "HEAD", folder=repository).strip()
        mirror = Mirror.open(str(repository), folder / "mirrors")
        ground = _ground(folder / "checks")
        keeping = Keeping(folder / "setups", ("deps",), (_LOCK,), "main")
        run = partial(_run, mirror, commit, ground)
        set_up = partial(run, commands=1, setup=_SET_UP, keeping=keeping)
        set_up()  # fills what is kept
        if len(list(keeping.root.glob("*/*"))) != 1:
            raise RuntimeError("The result of the set-up was not kept.")
        kept = [set_up() for _ in range(SAMPLES)]
        one = [run(commands=1) for _ in range(SAMPLES)]
        more = [run(commands=1 + _MORE) for _ in range(SAMPLES)]
    each = [(taken - median(one)) / _MORE - _COMMAND_SECONDS for taken in more]
    trees = [taken - _COMMAND_SECONDS for taken in kept]
    return {
        "check_seconds": _row(each, Target(0.3)),
        "clean_tree_seconds": _row(trees, Target(1.0)),
    }


def _ground(folder: Path) -> Ground:
    folder.mkdir()
    spread_subfolders(folder)  # as a host does
    enclosure = enclosures.probed(sandboxed=True)
    return Ground(folder, folder.parent / "base-runs", enclosure, check_environment([]))


def _run(
    mirror: Mirror,
    commit: str,
    ground: Ground,
    *,
    commands: int,
    setup: str = "true",
    keeping: Keeping | None = None,
) -> float:
    """Return the seconds of a run with so many commands."""
    command = f"touch left-behind; sleep {_COMMAND_SECONDS}"
    checks = [Check(check_type="command_success", command=command)] * commands
    began = time.perf_counter()
    outcomes = run_checks(
        *(mirror, commit, commit, checks),
        ground=ground,
        setup_command=setup,
        keeping=keeping,
        stop=Event(),
    )
    taken = time.perf_counter() - began
    if any(each.status != "passed" for each in outcomes):
        raise RuntimeError(f"A check did not pass: {outcomes}")
    return taken


def _row(seconds: Sequence[float], target: Target) -> Row:
    return Row(median(seconds), "s", target, len(seconds), {"seconds": list(seconds)})
