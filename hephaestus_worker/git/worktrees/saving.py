"""Saves the work in a worktree as commits of the mirror, whatever state the worktree is in.

The agent's repository is only read, as data: its index, HEAD and branches stay as the agent left
them.
"""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hephaestus_core.contract.left_out import LeftOut
from hephaestus_worker.git.worktrees import (
    agent_state,
    attempt_branch,
    leftovers,
    snapshots,
    staging,
    taking,
)
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.git.worktrees.agent_state import AgentState
from hephaestus_worker.git.worktrees.new_files import Rules
from hephaestus_worker.git.worktrees.place import Place

_VANISHED: Final = (
    "The worktree {} was deleted while its agent worked. Its commits are saved; files that it had "
    "not committed since its last checkpoint are lost."
)
_UNREAD: Final = "{} All its files are saved; commits that only its repository held are not."


@dataclass(frozen=True)
class Saved:
    """The result of saving a worktree.

    Args:
        tip: the newest commit of the attempt's branch.
        left_out: the files that were not saved.
        uncommitted: a snapshot of uncommitted work, if agents have to commit themselves. It is a
            commit on top of `tip`, on no branch of the mirror.
        lost: why files of the agent are lost; None: none are.
        unread: why commits of the agent are lost, although its files are saved; None: none are.
    """

    tip: str
    left_out: tuple[LeftOut, ...] = ()
    uncommitted: str | None = None
    lost: str | None = None
    unread: str | None = None


def save(place: Place, message: str, rules: Rules) -> Saved:
    """Save everything but the files that are left out, to the branch or to a snapshot.

    The rules leave some out, and git does not take every file; `left_out` names both.
    """
    place.clear_stale_locks()
    before = place.tip()
    state, unread = _taken(place)
    branch = attempt_branch.with_own_commits(place, before, state.branch)
    if place.has_vanished:
        tip = attempt_branch.with_head(place, state, branch, message)
        attempt_branch.move(place, before, tip)
        worktree_place.note_seen(place, tip=tip)
        return Saved(tip, lost=_VANISHED.format(place.folder))
    head = state.head or branch
    stamp = staging.index_stamp(place)
    worktree_place.note_seen(place, tip="")
    staged = staging.stage(place, head, at_head=_is_indexed(place, head), rules=rules)
    snapshot = None
    if rules.commits:
        tree = snapshots.without_markers(place, staged, head, message)
        tip = attempt_branch.with_files(place, state, branch, tree, message)
    else:
        tip = attempt_branch.with_head(place, state, branch, message)
        snapshot = snapshots.beside(place, head, tip, staged.tree, message)
    attempt_branch.move(place, before, tip)
    worktree_place.note_seen(
        place,
        branch=state.branch or _seen(place)["branch"],
        index=head,
        stamp="" if staged.unmerged else stamp,
        tip=tip,
    )
    return Saved(
        tip,
        (*staged.new.left_out, *staged.refused),
        snapshot,
        unread=_UNREAD.format(unread) if unread else None,
    )


def is_saved(place: Place, rules: Rules) -> bool:
    """Return whether the saved branch holds all files and commits of the worktree."""
    state = agent_state.read(place)
    tip = place.tip()
    if _seen(place)["tip"] != tip:
        return False
    known = {each for each in (state.head, state.branch) if each is not None}
    # An agent may stand at a commit without a common history, which no branch can hold with others.
    if not all(
        attempt_branch.contains(place, tip, each) or leftovers.holds(place, each) for each in known
    ):
        return False
    if place.has_vanished:
        return True
    head = state.head or tip
    at_head = _is_indexed(place, head)
    changed = staging.has_changes(place, head, at_head=at_head, rules=rules)
    if not at_head:
        worktree_place.note_seen(place, index=head, stamp="")
    return not changed


def is_committed(place: Place, rules: Rules) -> bool:
    """Return whether the agent has committed all of its files to its branch itself."""
    state, unread = _taken(place)
    if unread or state.head != state.branch or state.head is None:
        return False
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        # The index that saving uses has files that nobody has committed.
        spare = replace(place, index=Path(folder) / "index")
        shutil.copy2(place.index, spare.index)
        return not staging.has_changes(spare, state.head, at_head=False, rules=rules)


def _taken(place: Place) -> tuple[AgentState, str | None]:
    """Return the agent's state, its commits in the mirror; and why some cannot be read."""
    state = agent_state.read(place)
    branch, reason = _take(place, state.branch)
    head, other_reason = _take(place, state.head)
    return replace(state, branch=branch, head=head), reason or other_reason


def _take(place: Place, commit: str | None) -> tuple[str | None, str | None]:
    try:
        if commit is not None:
            taking.take(place, [commit])
    except taking.Untakeable as error:
        return None, error.message
    return commit, None


def _seen(place: Place) -> Mapping[str, str]:
    return worktree_place.seen(place)


def _is_indexed(place: Place, head: str) -> bool:
    return _seen(place)["index"] == head
