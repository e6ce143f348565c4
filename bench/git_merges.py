"""How long our merges take, beside plain git doing the same on the same machine.

`make bench` calls the two functions; run this file to see the figures alone.
"""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hephaestus_worker.host import merges, worktrees
from hephaestus_worker.host.merges import MergeRequest
from hephaestus_worker.host.mirror import Mirror

#: On the disk that repositories are on. A folder for temporary files may be in memory, or so full
#: of others' that ext4 puts what belongs together far apart: there a new file took 0.1 ms in one
#: folder of this bench and 0.7 ms in another.
_PLACE = Path(__file__).resolve().parents[1] / "build"

FILES = 500
EDITED = 20
FOLDERS = 20
SIDE_BY_SIDE = 8


@dataclass(frozen=True)
class Samples:
    """Milliseconds of each sample, and the ratio of the medians."""

    ours: list[float]
    raw: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ours) / statistics.median(self.raw)


@dataclass(frozen=True)
class _Setting:
    """A user's repository, this host's mirror of it, and where worktrees go."""

    origin: Path
    mirror: Mirror
    folder: Path

    def worktrees(self, numbers: range) -> list[Path]:
        """Make worktrees with an agent's edits in them, as they are when agents finish."""
        main = self.mirror.resolve("main")
        paths = [self.folder / "worktrees" / f"agent-{number}" for number in numbers]
        for number, path in zip(numbers, paths, strict=True):
            branch = f"hephaestus/task/{number:08x}-1"
            worktrees.add(self.mirror, path, branch=branch, commit=main)
        # git reads each file again that is as new as its index, to the second. No agent is done
        # within the second in which its worktree was made.
        time.sleep(1.1)
        for number, path in zip(numbers, paths, strict=True):
            _git(path, "status")  # as agent programs do first
            _edit(path, number)
        return paths

    def save_and_push(self, number: int, path: Path) -> str:
        tip = worktrees.save(path, message=f"Work of agent {number}")
        assert self.mirror.push(tip, f"hephaestus/task/{number:08x}-1", expected=None)
        return tip

    def merge(self, number: int, tip: str) -> None:
        request = MergeRequest(tip, f"Merge the work of agent {number}")
        (outcome,) = merges.merge_all(
            *(self.mirror, "hephaestus/bench", [request]),
            base_for_new_target="main",
            policy="newest_file_wins",
        )
        assert outcome.state == "merged"


def merge_ratio(settings: int = 3, samples: int = 5) -> Samples:
    """Time save, push and merge of a branch that edits 20 files, and commit and merge by git.

    In several places: how long a file system takes to make a file depends on how full the part of
    the disk is in which it has put the folder, and that is luck for each of the two.
    """
    ours, raw = [], []
    for _ in range(settings):
        with _setting() as setting:
            for number, path in enumerate(setting.worktrees(range(samples))):
                # In turns, so that whatever else the machine does falls on both alike.
                raw.append(_raw_commit_and_merge(setting.origin, number))
                ours.append(_finish(setting, number, path))
    return Samples(ours, raw)


def parallel_merges_ratio(samples: int = 9) -> Samples:
    """Time 8 branches finishing at once, and the same 8 one after the other."""
    together, single = [], []
    for _ in range(samples):
        with _setting() as setting:
            first = setting.worktrees(range(SIDE_BY_SIDE))
            single.append(sum(_finish(setting, number, path) for number, path in enumerate(first)))
            numbers = range(SIDE_BY_SIDE, 2 * SIDE_BY_SIDE)
            together.append(_finish_at_once(setting, numbers))
    return Samples(together, single)


def _finish(setting: _Setting, number: int, path: Path) -> float:
    start = time.perf_counter()
    setting.merge(number, setting.save_and_push(number, path))
    return _milliseconds_since(start)


def _finish_at_once(setting: _Setting, numbers: range) -> float:
    paths = setting.worktrees(numbers)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        start = time.perf_counter()
        list(pool.map(_finish, [setting] * len(numbers), numbers, paths))
        return _milliseconds_since(start)


def _raw_commit_and_merge(origin: Path, number: int) -> float:
    _git(origin, "checkout", "-q", "-b", f"raw-{number}", "main")
    _edit(origin, number)
    start = time.perf_counter()
    _git(origin, "add", "-A")
    _git(origin, "commit", "-q", "-m", "Work")
    taken = _milliseconds_since(start)
    _git(origin, "checkout", "-q", "raw")
    start = time.perf_counter()
    _git(origin, "merge", "-q", "--no-ff", "-m", "Merge", f"raw-{number}")
    return taken + _milliseconds_since(start)


@contextmanager
def _setting() -> Iterator[_Setting]:
    _PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-", dir=_PLACE) as name:
        folder = Path(name)
        origin = folder / "origin"
        _make_repository(origin)
        mirror = Mirror.open(str(origin), folder / "mirrors")
        yield _Setting(origin, mirror, folder)


def _make_repository(origin: Path) -> None:
    for number in range(FILES):
        file = origin / f"part{number % FOLDERS}" / f"file{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"line {line} of {number}\n" for line in range(40)))
    _git(origin, "init", "-q", "-b", "main")
    _git(origin, "config", "user.name", "Bench")
    _git(origin, "config", "user.email", "bench@localhost")
    _git(origin, "add", "-A")
    _git(origin, "commit", "-q", "-m", "First")
    _git(origin, "checkout", "-q", "-b", "raw")


def _edit(folder: Path, number: int) -> None:
    """Change 20 files; two numbers that are near one another change different ones."""
    for edit in range(EDITED):
        name = (number * EDITED + edit) % FILES
        file = folder / f"part{name % FOLDERS}" / f"file{name}.txt"
        file.write_text(file.read_text() + f"edit of {number}\n")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, env=os.environ, timeout=60
    )


def _milliseconds_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _show(name: str, samples: Samples) -> None:
    ours, raw = statistics.median(samples.ours), statistics.median(samples.raw)
    print(f"{name}: {ours:.1f} ms / {raw:.1f} ms = {samples.ratio:.2f}")


if __name__ == "__main__":
    _show("merge of a 20-file branch / raw git", merge_ratio())
    _show("8 at once / one after the other", parallel_merges_ratio())
