"""The attempt's branch in the mirror: how it goes forward with an agent's commits and files."""

import os
from collections.abc import Sequence

from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging import chains
from hephaestus_worker.git.objects import commits, refs
from hephaestus_worker.git.objects.object_store import ObjectStore
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.git.worktrees import snapshots
from hephaestus_worker.git.worktrees.agent_state import AgentState
from hephaestus_worker.git.worktrees.place import Place


def with_own_commits(place: Place, saved: str, own: str | None) -> str:
    """Return the commit of the branch before the files are saved: the saved one, or the agent's.

    The agent's branch counts from the moment when it holds what was saved, or was rewritten, for
    example by an amended commit. Otherwise the files on top of both make the next commit.
    """
    if own is None or contains(place, own, saved):
        return own or saved
    went_on = contains(place, own, worktree_place.seen(place)["branch"])
    return saved if went_on else own


def with_files(place: Place, state: AgentState, branch: str, tree: str, message: str) -> str:
    """Return a commit of the branch that holds the agent's commits and this tree of its files."""
    store = ObjectStore(place.mirror)
    head = state.head or branch
    if _is_authoritative(place, state, head):
        return _commit(store, tree, _parents(place, branch, head), message)
    if _are_unrelated(store, branch, head):
        return _commit(store, _laid_over(place, branch, tree), [branch], message)
    snapshot = snapshots.of_files(place, "saved", tree, head, message)
    return _joined(place, _joined(place, branch, state.branch, message), snapshot, message)


def with_head(place: Place, state: AgentState, branch: str, message: str) -> str:
    """Return a commit that holds the agent's branch and HEAD, without uncommitted files."""
    both = _joined(place, branch, state.branch, message)
    if _are_unrelated(ObjectStore(place.mirror), both, state.head or both):
        return both
    return _joined(place, both, state.head, message)


def _is_authoritative(place: Place, state: AgentState, head: str) -> bool:
    """Return whether the files are the attempt's work as a whole, not a look at another commit.

    That is so on the attempt's branch, and on any other branch that goes on from it.
    """
    if state.on_branch:
        return True
    last = state.branch or worktree_place.seen(place)["branch"]
    return contains(place, head, last)


def _parents(place: Place, branch: str, head: str) -> list[str]:
    if contains(place, head, branch):
        return [head]
    return [branch] if contains(place, branch, head) else [branch, head]


def _commit(store: ObjectStore, tree: str, parents: Sequence[str], message: str) -> str:
    """Return the only parent if it has this tree, else a new commit."""
    if len(parents) == 1 and store.tree_of(parents[0]) == tree:
        return parents[0]
    return commits.write(store, tree, parents, message)


def _joined(place: Place, ours: str, theirs: str | None, message: str) -> str:
    if theirs in {None, ours}:
        return ours
    return chains.join(ObjectStore(place.mirror), ours, theirs, message=message)


def _are_unrelated(store: ObjectStore, one: str, other: str) -> bool:
    if one == other:
        return False
    asked = store.git(
        *("merge-base", one, other),
        doing=f"find where {one[:12]} and {other[:12]} parted",
        allowed=(0, 1),
    )
    return asked.status == 1


def _laid_over(place: Place, branch: str, tree: str) -> str:
    """Return the tree with the files of the branch and, over them, those of an unrelated tree.

    Nothing is deleted, since no common commit tells which files were.
    """
    listed = place.git(
        *("ls-tree", "-r", "-z", "--full-tree", tree), doing="read an unrelated branch"
    )
    return snapshots.changed_tree(place, branch, os.fsdecode(listed.stdout))


def contains(place: Place, commit: str, ancestor: str) -> bool:
    """Return whether the commit is, or comes after, the other one."""
    if commit == ancestor:
        return True
    asked = git.run(
        *("merge-base", "--is-ancestor", ancestor, commit),
        doing=f"compare {commit[:12]} with {ancestor[:12]}",
        git_dir=place.mirror,
        allowed=(0, 1, 128),
    )
    return asked.status == 0  # 128: the mirror does not have one of them


def move(place: Place, before: str, after: str) -> None:
    """Set the attempt's branch; a saved commit that the agent has taken back stays in a ref."""
    if before == after:
        return
    lines = f"update {place.ref} {after} {before}\n"
    if _is_parent(place, after, before) or contains(place, after, before):
        if refs.swap(place.mirror, place.ref, after, expected=before):
            return
    else:
        lines += f"update refs/hephaestus/replaced/{place.branch}/{before[:12]} {before}\n"
    git.run(
        *("update-ref", "--stdin"),
        doing=f"save to branch '{place.branch}'",
        git_dir=place.mirror,
        stdin=lines.encode(),
    )


def _is_parent(place: Place, commit: str, parent: str) -> bool:
    """Return whether a commit names its parent, as far as its own file tells without a process."""
    return parent in ObjectStore(place.mirror).parents_of(commit)
