"""Makes a chain of merge commits in an object store, without a checkout; no ref moves."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hephaestus_core.contract.policies import ConflictPolicy
from hephaestus_worker.git.merging import conflicts, times
from hephaestus_worker.git.merging.conflicts import FileConflict
from hephaestus_worker.git.merging.times import Ends
from hephaestus_worker.git.objects import commits, merge_tree
from hephaestus_worker.git.objects.object_store import ObjectStore

Policy = ConflictPolicy
State = Literal["merged", "already_merged", "nothing", "conflict"]


@dataclass(frozen=True)
class MergeRequest:
    """A commit to be merged, the message of the merge commit, and the tip's branch, if any.

    `ended` is the end of the attempt that made it, in seconds since 1970, if it is known.
    """

    tip: str
    message: str
    branch: str | None = None
    ended: int | None = None


@dataclass(frozen=True)
class MergeOutcome:
    """The outcome of one request.

    merged: `commit` is the merge commit. already_merged: `commit` is the earlier merge of the
    tip, `conflicts` are those that it settled. nothing: the tip has no work of its own, the
    target is unchanged. conflict: the policy leaves it to others, the target is unchanged.
    `target_before` is the first parent of the merge.
    """

    status: State
    commit: str | None
    target_before: str | None
    conflicts: tuple[FileConflict, ...] = ()


def chain(
    store: ObjectStore, start: str, requests: Sequence[MergeRequest], policy: Policy
) -> list[MergeOutcome]:
    """Merge the tips one after the other, the first into `start`; all commits are in the store."""
    tree = store.tree_of(start)
    outcomes = []
    target = start
    for request in requests:
        outcome, tree = _merge_one(store, target, tree, request, policy)
        outcomes.append(outcome)
        if outcome.status == "merged" and outcome.commit:
            target = outcome.commit
    return outcomes


def _merge_one(
    store: ObjectStore, target: str, tree: str, request: MergeRequest, policy: Policy
) -> tuple[MergeOutcome, str]:
    merged = merge_tree.merge(store, target, request.tip)
    if merged.is_clean and merged.tree == tree:
        known = _without_change(store, target, request, policy)
        if known:
            return known, tree
    settled: list[FileConflict] = []
    new_tree = merged.tree
    ends = Ends.at(time.time(), request.ended)
    if not merged.is_clean:
        if policy != "newest_file_wins":
            found = conflicts.describe(store, merged, target, request.tip, ends)
            return MergeOutcome("conflict", None, target, tuple(found)), tree
        new_tree, settled = conflicts.settle(store, merged, target, request.tip, ends)
    commit = commits.write(
        store, new_tree, (target, request.tip), request.message, worked_until=ends.theirs
    )
    return MergeOutcome("merged", commit, target, tuple(settled)), new_tree


def _without_change(
    store: ObjectStore, target: str, request: MergeRequest, policy: Policy
) -> MergeOutcome | None:
    """Return the outcome for a tip that changes no file: merged before, or without work.

    None: the tip has work of its own that the target holds too. It is merged like any other, so
    that later work on top of it has the right base.
    """
    tip = request.tip
    base = store.git(
        *("merge-base", target, tip),
        doing=f"find where {tip[:12]} and {target[:12]} parted",
        allowed=(0, 1),
    ).text
    if base == tip:
        line = _own_line(store, target, tip)
        if line is None:
            return MergeOutcome("nothing", None, target)
        return _as_it_was_merged(store, _brought_in_by(store, line, target, tip), request, policy)
    if base and store.tree_of(base) == store.tree_of(tip):
        return MergeOutcome("nothing", None, target)
    return None


def _as_it_was_merged(
    store: ObjectStore, commit: str, request: MergeRequest, policy: Policy
) -> MergeOutcome:
    """Return the outcome of an earlier merge that a crash kept from being recorded.

    Its conflicts are settled once more: if the tree is that of the commit, the merge is ours.
    """
    tip = request.tip
    shown = store.git(
        *("log", "--max-count=1", "--format=%P%n%ct", commit), doing=f"read {commit[:12]}"
    ).text
    parents, _, made = shown.partition("\n")
    before, *others = parents.split()
    settled: list[FileConflict] = []
    if policy == "newest_file_wins" and others == [tip]:
        merged = merge_tree.merge(store, before, tip)
        if not merged.is_clean:
            ends = Ends.at(times.seconds(made, int(time.time())), request.ended)
            tree, found = conflicts.settle(store, merged, before, tip, ends)
            settled = found if tree == store.tree_of(commit) else []
    return MergeOutcome("already_merged", commit, before, tuple(settled))


def _own_line(store: ObjectStore, target: str, tip: str) -> list[str] | None:
    """Return the target's first-parent commits since the tip; None if the tip is one of them."""
    line = store.git(
        *("rev-list", "--first-parent", "--parents", f"{tip}..{target}"),
        doing=f"find the merge of {tip[:12]}",
    ).text.splitlines()
    if not line or line[-1].split()[1:2] == [tip]:
        return None
    return [entry.split()[0] for entry in line]


def _brought_in_by(store: ObjectStore, line: list[str], target: str, tip: str) -> str:
    """Return the oldest commit of the line that holds the tip."""
    later = store.git(
        *("rev-list", "--ancestry-path", f"{tip}..{target}"),
        doing=f"find the merge of {tip[:12]}",
    ).text.split()
    holding = set(later)
    return next(commit for commit in reversed(line) if commit in holding)


def join(
    store: ObjectStore,
    ours: str,
    theirs: str,
    *,
    message: str,
    rules_of: str | None = None,
    related: bool = False,
) -> str:
    """Return a commit that holds the work of both; no ref moves.

    If one of the two holds the other, it is returned. In a conflict the newest version of a file
    wins.

    Args:
        rules_of: the commit whose `.gitattributes` count; None: `ours`.
        related: True refuses commits without common history, False keeps all files of both, which
            is right only for commits of one attempt.

    Raises:
        Unrelated: they have no common history, and must have one.
    """
    base = store.git(
        *("merge-base", ours, theirs),
        doing=f"find where {ours[:12]} and {theirs[:12]} parted",
        allowed=(0, 1),
    ).text
    if base in {ours, theirs}:
        return theirs if base == ours else ours
    merged = merge_tree.merge(store, ours, theirs, rules_of=rules_of, related=related)
    tree = merged.tree
    if not merged.is_clean:
        tree, _ = conflicts.settle(store, merged, ours, theirs, Ends.at(time.time()))
    return commits.write(store, tree, (ours, theirs), message)
