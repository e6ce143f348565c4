"""The time of a merge, compared with plain git doing the same on the same disk."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.rows import Row, Target, p50
from bench.surroundings import age_indexes, edit_files, folder_on_disk, git, make_repository
from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.merging.merges import MergeRequest
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees

#: The number of folders to measure in. The time to create a file depends on how full the disk is
#: around its folder, and the file system places each folder by chance.
_PLACES: Final = 3
_SAMPLES_EACH: Final = 5


def measure() -> dict[str, Row]:
    """Return the row ``merge_ratio``: save, push and merge of a branch that edits 20 files."""
    ours: list[float] = []
    raw: list[float] = []
    for _ in range(_PLACES):
        with folder_on_disk() as folder:
            _measure_in(folder, ours, raw)
    figures = {"ms": ours, "ms_p50": p50(ours), "raw_git_ms": raw, "raw_git_ms_p50": p50(raw)}
    return {"merge_ratio": Row(p50(ours) / p50(raw), "x", Target(1.0), len(ours), figures)}


def _measure_in(folder: Path, ours: list[float], raw: list[float]) -> None:
    origin = make_repository(folder / "origin")
    git("checkout", "-q", "-b", "raw", folder=origin)
    agents = _agents_in(origin, folder)
    age_indexes()
    for number, agent in enumerate(agents):
        # The two alternate, so that other load on the machine affects both alike.
        raw.append(_raw_commit_and_merge(origin, number))
        edit_files(agent.worktree, number)
        ours.append(_milliseconds_of(agent.finish))


@dataclass(frozen=True)
class _Agent:
    """An agent's worktree, and the branch that it works on."""

    mirror: Mirror
    worktree: Path
    branch: str

    def finish(self) -> None:
        tip = worktrees.save(self.worktree, message="Work of an agent").tip
        if not self.mirror.push(tip, self.branch, expected=None):
            raise RuntimeError(f"{self.branch} was there before.")
        request = MergeRequest(tip, "Merge the work of an agent", self.branch)
        (outcome,) = merges.merge_all(
            *(self.mirror, "hephaestus/bench", [request]),
            base_for_new_target="main",
            policy="newest_file_wins",
        )
        if outcome.status != "merged":
            raise RuntimeError(f"{self.branch} was not merged but {outcome.status}.")


def _agents_in(origin: Path, folder: Path) -> list[_Agent]:
    mirror = Mirror.open(str(origin), folder / "mirrors")
    main = mirror.resolve("main")
    agents = [
        _Agent(mirror, folder / f"worktree{number}", f"hephaestus/task/{number:08x}-1")
        for number in range(_SAMPLES_EACH)
    ]
    for agent in agents:
        worktrees.add(mirror, agent.worktree, branch=agent.branch, commit=main)
    return agents


def _raw_commit_and_merge(origin: Path, number: int) -> float:
    git("checkout", "-q", "-b", f"raw-{number}", "main", folder=origin)
    edit_files(origin, number)
    commit = _milliseconds_of(lambda: _commit(origin))
    git("checkout", "-q", "raw", folder=origin)
    return commit + _milliseconds_of(
        lambda: git("merge", "-q", "--no-ff", "-m", "Merge", f"raw-{number}", folder=origin)
    )


def _commit(origin: Path) -> None:
    git("add", "-A", folder=origin)
    git("commit", "-q", "-m", "Work", folder=origin)


def _milliseconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
