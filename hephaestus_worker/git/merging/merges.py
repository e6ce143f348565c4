"""Merges into branches of the origin: a chain of merge commits, then one compare-and-swap.

Nothing here needs a checkout, so merges are fast and safe, on any host and side by side.
"""

import random
import time
from collections.abc import Sequence

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging import chains
from hephaestus_worker.git.merging.chains import MergeOutcome, MergeRequest, Policy
from hephaestus_worker.git.merging.sides import merge_base
from hephaestus_worker.git.objects import merge_tree
from hephaestus_worker.git.objects.drafts import Needed
from hephaestus_worker.git.objects.object_store import ObjectStore
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.origins.origin import RefLocked

__all__ = [
    "MergeOutcome",
    "MergeRequest",
    "Policy",
    "merge_all",
    "other_side",
    "start_commit",
]

_TRIES = 30
_LOCKED_TRIES = 10  # of a git process that is at work; a lock that stays was left behind
_LONGEST_PAUSE = 0.5
_LOCK_TIMEOUT = 100.0


def merge_all(
    mirror: Mirror,
    target_branch: str,
    requests: Sequence[MergeRequest],
    *,
    base_for_new_target: str,
    policy: Policy,
    most_tries: int = _TRIES,
) -> list[MergeOutcome]:
    """Merge the tips one after the other into the origin's target branch, all or none of them.

    Asking again is harmless: what is merged already stays as it is.

    Args:
        requests: their tips are in the mirror or in the origin.
        base_for_new_target: branch or commit that the target starts from if it does not exist.
        policy: newest_file_wins settles conflicts; agent and manual leave out a conflicted tip.
        most_tries: how often the merges are made again because another push came first.

    Raises:
        RepositoryError: a tip or the base is missing, the origin cannot be reached or refuses, or
            other pushes came first in every try.
    """
    with mirror.merging(_LOCK_TIMEOUT):
        for tries in range(most_tries):
            try:
                outcomes = _try_once(mirror, target_branch, requests, base_for_new_target, policy)
            except RefLocked:
                if tries >= _LOCKED_TRIES:
                    raise
                outcomes = None
            if outcomes is not None:
                _keep_both_sides(mirror, requests, outcomes)
                return outcomes
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.01 * 2**tries)))
    raise RepositoryError(
        f"Other processes moved '{target_branch}' of {mirror.source.shown} {most_tries} times "
        "during the merge. No work is lost; try the merge again."
    )


def _try_once(
    mirror: Mirror, target: str, requests: Sequence[MergeRequest], base: str, policy: Policy
) -> list[MergeOutcome] | None:
    """Return None if somebody else moved the target meanwhile."""
    expected = mirror.tip(target)
    start = Needed(expected, target) if expected else _base(mirror, base)
    tips = [Needed(request.tip, request.branch) for request in requests]
    with mirror.drafting(target, start, tips) as draft:
        outcomes = chains.chain(draft.store, start.commit, requests, policy)
        made = [each.commit for each in outcomes if each.status == "merged" and each.commit]
        return outcomes if not made or draft.publish(made, expected) else None


def _base(mirror: Mirror, base: str) -> Needed:
    return Needed(base, None) if git.is_commit_id(base) else Needed(mirror.resolve(base), base)


def _keep_both_sides(
    mirror: Mirror, requests: Sequence[MergeRequest], outcomes: Sequence[MergeOutcome]
) -> None:
    lines = []
    for request, outcome in zip(requests, outcomes, strict=True):
        if outcome.conflicts and outcome.target_before:
            mirror.fetch_commit(None, outcome.target_before)
            mirror.fetch_commit(None, request.tip)
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


def other_side(mirror: Mirror, start: str, tip: str, target_branch: str) -> str | None:
    """Return the newest commit of the target branch if work conflicts with it, else None.

    None, too, if the work has brought in a part of the branch, which has moved on since. The commit
    is in the mirror.

    Args:
        start: the commit from which the work went on.
        tip: its newest commit.

    Raises:
        RepositoryError: the origin cannot be reached, or the two have no common history.
    """
    target = mirror.tip(target_branch)
    if target is None:
        return None
    mirror.fetch_commit(target_branch, target)
    mirror.fetch_commit(None, tip)
    store = ObjectStore(mirror.path)
    if merge_base(store, target, tip) != merge_base(store, target, start):
        return None
    return None if merge_tree.merge(store, target, tip).is_clean else target


def start_commit(
    mirror: Mirror, *, parent: str | None, target_branch: str, base_branch: str, policy: Policy
) -> str:
    """Return the commit at which a new task's branch starts; it is in the mirror.

    That is the creator's newest commit brought up to date with the target branch (with the base
    branch while there is no target). If the policy leaves a conflict to others, or the two have no
    common history, it is the creator's commit itself.

    Args:
        parent: newest saved commit of the creator's work; None if the task continues no work.
    """
    branch = target_branch if mirror.tip(target_branch) else base_branch
    target = mirror.resolve(branch)
    if parent is None:
        return target
    mirror.fetch_commit(None, parent)
    join = _join if policy == "newest_file_wins" else _join_if_clean
    try:
        return join(ObjectStore(mirror.path), parent, target, branch)
    except merge_tree.Unrelated:
        return parent


def _join_if_clean(store: ObjectStore, parent: str, target: str, branch: str) -> str:
    merged = merge_tree.merge(store, parent, target, rules_of=target)
    if not merged.is_clean:
        return parent
    return _join(store, parent, target, branch)


def _join(store: ObjectStore, parent: str, target: str, branch: str) -> str:
    message = f"Bring up to date with {branch}"
    return chains.join(store, parent, target, message=message, rules_of=target, related=True)
