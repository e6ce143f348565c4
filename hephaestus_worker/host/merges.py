"""Merges without a checkout: the tree by `merge-tree`, the commit by `commit-tree`, and one
compare-and-swap of the origin's branch for a whole chain of them.
"""

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hephaestus_core.errors import RepositoryError
from hephaestus_worker.host import conflicts, git, merge_tree
from hephaestus_worker.host.conflicts import FileConflict
from hephaestus_worker.host.mirror import Mirror

Policy = Literal["newest_file_wins", "agent", "manual"]
State = Literal["merged", "already_merged", "nothing", "conflict"]

_TRIES = 30
_LONGEST_PAUSE = 0.5
_LOCK_TIMEOUT = 100.0


@dataclass(frozen=True)
class MergeRequest:
    """A commit to be merged, and the message of the merge commit."""

    tip: str
    message: str


@dataclass(frozen=True)
class MergeOutcome:
    """What became of one request.

    merged: `commit` is the merge commit. already_merged: `commit` is the one that brought the tip
    in. nothing: the tip has no work of its own, the target is as it was. conflict: the policy
    leaves it to others, the target is as it was. `target_before` is the target's commit that the
    merge was made on.
    """

    state: State
    commit: str | None
    target_before: str | None
    conflicts: tuple[FileConflict, ...] = ()


@dataclass(frozen=True)
class DiffStat:
    """How many files and lines differ between two commits; binary files have no lines."""

    files: int
    insertions: int
    deletions: int


def merge_all(
    mirror: Mirror,
    target_branch: str,
    requests: Sequence[MergeRequest],
    *,
    base_for_new_target: str,
    policy: Policy,
) -> list[MergeOutcome]:
    """Merge the tips one after the other into the origin's target branch, all or none of them.

    Asking again is harmless: what is merged already stays as it is.

    Args:
        requests: their tips are in the mirror or are tips of branches of the origin.
        base_for_new_target: branch or commit that the target starts from if it does not exist.
        policy: newest_file_wins settles conflicts; agent and manual leave out a conflicted tip.

    Raises:
        RepositoryError: a tip or the base is missing, the origin is away or refuses, or others
            were first in every one of many tries.
    """
    with mirror.merging(_LOCK_TIMEOUT):
        for tries in range(_TRIES):
            expected = mirror.tip(target_branch)
            start = _start(mirror, target_branch, expected, base_for_new_target)
            outcomes = _chain(mirror, start, requests, policy)
            tip = next((each.commit for each in reversed(outcomes) if each.state == "merged"), None)
            if tip is None or mirror.push(tip, target_branch, expected=expected):
                _keep_both_sides(mirror, requests, outcomes)
                return outcomes
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.01 * 2**tries)))  # noqa: S311 - a pause is no secret
    raise RepositoryError(
        f"Others moved '{target_branch}' of {mirror.source.shown} {_TRIES} times while it was "
        "merged into. Nothing is lost; the merge can be tried again."
    )


def _start(mirror: Mirror, target: str, tip: str | None, base: str) -> str:
    if tip is not None:
        return tip if mirror.has_commit(tip) else mirror.resolve(target)
    if not git.is_commit_id(base):
        return mirror.resolve(base)
    _have(mirror, base)
    return base


def _chain(
    mirror: Mirror, start: str, requests: Sequence[MergeRequest], policy: Policy
) -> list[MergeOutcome]:
    for request in requests:
        _have(mirror, git.check_commit(request.tip))
    tree = _tree_of(mirror.path, start)
    outcomes = []
    target = start
    for request in requests:
        outcome, tree = _merge_one(mirror.path, target, tree, request, policy)
        outcomes.append(outcome)
        if outcome.state == "merged" and outcome.commit:
            target = outcome.commit
    return outcomes


def _tree_of(repository: Path, commit: str) -> str:
    return git.run(
        *("rev-parse", "--verify", f"{commit}^{{tree}}"),
        doing=f"read commit {commit[:12]} of {repository.name}",
        git_dir=repository,
    ).text


def _merge_one(
    repository: Path, target: str, tree: str, request: MergeRequest, policy: Policy
) -> tuple[MergeOutcome, str]:
    merged = merge_tree.merge(repository, target, request.tip)
    if merged.is_clean and merged.tree == tree:
        known = _without_change(repository, target, request.tip)
        if known:
            return known, tree
    settled: list[FileConflict] = []
    new_tree = merged.tree
    if not merged.is_clean:
        if policy != "newest_file_wins":
            found = conflicts.describe(repository, merged, target, request.tip)
            return MergeOutcome("conflict", None, target, tuple(found)), tree
        new_tree, settled = conflicts.settle(repository, merged, target, request.tip)
    commit = commit_tree(repository, new_tree, (target, request.tip), request.message)
    return MergeOutcome("merged", commit, target, tuple(settled)), new_tree


def _without_change(repository: Path, target: str, tip: str) -> MergeOutcome | None:
    """Tell what a tip is that changes no file: merged before, or without work of its own.

    None: it has work of its own that the target happens to hold too. That is merged like any
    other, so that later work on top of it has the right base.
    """
    base = git.run(
        *("merge-base", target, tip),
        doing=f"find where {tip[:12]} and {target[:12]} parted",
        git_dir=repository,
        allowed=(0, 1),
    ).text
    if base == tip:
        line = _own_line(repository, target, tip)
        if line is None:
            return MergeOutcome("nothing", None, target)
        return MergeOutcome("already_merged", _brought_in_by(repository, line, target, tip), target)
    if base and _tree_of(repository, base) == _tree_of(repository, tip):
        return MergeOutcome("nothing", None, target)
    return None


def _own_line(repository: Path, target: str, tip: str) -> list[str] | None:
    """Return the target's first-parent commits since the tip; None if the tip is one of them."""
    line = git.run(
        *("rev-list", "--first-parent", "--parents", f"{tip}..{target}"),
        doing=f"find the merge of {tip[:12]}",
        git_dir=repository,
    ).text.splitlines()
    if not line or line[-1].split()[1:2] == [tip]:
        return None
    return [entry.split()[0] for entry in line]


def _brought_in_by(repository: Path, line: list[str], target: str, tip: str) -> str:
    """Return the oldest commit of the line that holds the tip."""
    later = git.run(
        *("rev-list", "--ancestry-path", f"{tip}..{target}"),
        doing=f"find the merge of {tip[:12]}",
        git_dir=repository,
    ).text.split()
    holding = set(later)
    return next(commit for commit in reversed(line) if commit in holding)


def commit_tree(repository: Path, tree: str, parents: Sequence[str], message: str) -> str:
    """Make a commit by hand; no ref moves."""
    words = message.replace("\0", " ").strip() or "Save work"
    return git.run(
        *("commit-tree", tree, *(word for parent in parents for word in ("-p", parent)), "-F", "-"),
        doing="make a commit",
        git_dir=repository,
        stdin=words.encode(errors="replace"),
    ).text


def _keep_both_sides(
    mirror: Mirror, requests: Sequence[MergeRequest], outcomes: Sequence[MergeOutcome]
) -> None:
    lines = []
    for request, outcome in zip(requests, outcomes, strict=True):
        if outcome.conflicts and outcome.target_before:
            folder = f"refs/hephaestus/conflicts/{request.tip[:12]}-{outcome.target_before[:12]}"
            lines.append(f"update {folder}/target {outcome.target_before}\n")
            lines.append(f"update {folder}/tip {request.tip}\n")
    if lines:
        git.run(
            *("update-ref", "--stdin"),
            doing="keep both sides of a conflict",
            git_dir=mirror.path,
            stdin="".join(lines).encode(),
        )


def join(repository: Path, ours: str, theirs: str, *, message: str) -> str:
    """Return a commit of this repository that holds the work of both; no ref moves.

    One of the two, if it holds the other already. Conflicts: the newest version of a file wins.
    """
    base = git.run(
        *("merge-base", ours, theirs),
        doing=f"find where {ours[:12]} and {theirs[:12]} parted",
        git_dir=repository,
        allowed=(0, 1),
    ).text
    if base in {ours, theirs}:
        return theirs if base == ours else ours
    merged = merge_tree.merge(repository, ours, theirs)
    tree = merged.tree
    if not merged.is_clean:
        tree, _ = conflicts.settle(repository, merged, ours, theirs)
    return commit_tree(repository, tree, (ours, theirs), message)


def start_commit(
    mirror: Mirror, *, parent: str | None, target_branch: str, base_branch: str, policy: Policy
) -> str:
    """Return the commit at which a new task's branch starts; it is in the mirror.

    That is the creator's newest commit brought up to date with the target branch (with the base
    branch as long as there is no target). A conflict that the policy leaves to others leaves the
    creator's commit as it is.

    Args:
        parent: newest saved commit of the creator's work, None if nobody's work is continued.
    """
    branch = target_branch if mirror.tip(target_branch) else base_branch
    target = mirror.resolve(branch)
    if parent is None:
        return target
    _have(mirror, git.check_commit(parent))
    if policy == "newest_file_wins":
        return join(mirror.path, parent, target, message=f"Bring up to date with {branch}")
    return _join_if_clean(mirror.path, parent, target, branch)


def _have(mirror: Mirror, commit: str) -> None:
    if mirror.has_commit(commit):
        return
    for branch, tip in mirror.heads().items():
        if tip == commit:
            mirror.fetch_commit(branch, commit)
            return
    raise RepositoryError(
        f"No branch of {mirror.source.shown} ends at commit {commit[:12]}, where the new task was "
        "to start. Save and push the creator's work first."
    )


def _join_if_clean(repository: Path, parent: str, target: str, branch: str) -> str:
    merged = merge_tree.merge(repository, parent, target)
    if not merged.is_clean:
        return parent
    return join(repository, parent, target, message=f"Bring up to date with {branch}")


def diff_stat(mirror: Mirror, base: str, tip: str) -> DiffStat:
    """Count what differs between two commits; a renamed file counts once."""
    shown = git.run(
        *("diff-tree", "-r", "-M", "--shortstat", git.check_commit(base), git.check_commit(tip)),
        doing=f"compare {base[:12]} with {tip[:12]}",
        git_dir=mirror.path,
    ).text
    counts = (re.search(rf"(\d+) {word}", shown) for word in ("file", "insertion", "deletion"))
    return DiffStat(*(int(count[1]) if count else 0 for count in counts))
