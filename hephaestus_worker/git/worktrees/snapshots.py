"""Commits beside the attempt's branch: files of a moment, kept in refs of the mirror."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging import chains
from hephaestus_worker.git.objects import commits, markers
from hephaestus_worker.git.objects.object_store import ObjectStore
from hephaestus_worker.git.worktrees.place import Place
from hephaestus_worker.git.worktrees.staging import Staged

_OURS = 2


def without_markers(place: Place, staged: Staged, head: str, message: str) -> str:
    """Return the tree without conflict markers; the tree with them is kept in a snapshot.

    Each file that still has them is replaced by the version that the agent merges into, or is left
    out if there is none.
    """
    marked = {
        path: stages
        for path, stages in staged.unmerged.items()
        if markers.has_conflict_markers(place.folder / path)
    }
    if not marked:
        return staged.tree
    of_files(place, "marked", staged.tree, head, message)
    gone = f"0 {'0' * len(head)}"
    lines = [
        f"{_existing(place, stages.get(_OURS)) or gone}\t{path}\0"
        for path, stages in marked.items()
    ]
    return changed_tree(place, staged.tree, "".join(lines))


def _existing(place: Place, entry: str | None) -> str | None:
    """Return the entry "mode object" if the mirror has the object.

    For some renames git stages a merge of its own, with markers, which only the agent has.
    """
    if entry is None:
        return None
    asked = place.git(
        *("cat-file", "-e", entry.split()[1]), doing="look for a version", allowed=(0, 1, 128)
    )
    return entry if asked.status == 0 else None


def changed_tree(place: Place, treeish: str, entries: str) -> str:
    """Return the tree with these entries, which are lines of `git update-index --index-info`."""
    doing = "write a tree"
    with spare_index() as env:
        place.git("read-tree", treeish, doing=doing, env=env)
        place.git(
            *("update-index", "--replace", "-z", "--index-info"),
            doing=doing,
            env=env,
            stdin=os.fsencode(entries),
        )
        return place.git("write-tree", doing=doing, env=env).text


@contextmanager
def spare_index() -> Iterator[Mapping[str, str]]:
    """Yield the environment for an empty index of a moment."""
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        yield {"GIT_INDEX_FILE": str(Path(folder) / "index")}


def beside(place: Place, head: str, tip: str, tree: str, message: str) -> str | None:
    """Return a snapshot of uncommitted files on top of the tip; None if there are none."""
    store = ObjectStore(place.mirror)
    if tree == store.tree_of(head):
        return None
    if tip != head:
        # The agent has another commit checked out; its branch may hold further work.
        there = commits.write(store, tree, [head], message)
        tree = store.tree_of(chains.join(store, tip, there, message=message))
    last = _last(place, "uncommitted")
    if last[1:3] == [tree, tip]:
        return last[0]
    return _keep(place, "uncommitted", commits.write(store, tree, [tip, *last[:1]], message))


def of_files(place: Place, kind: str, tree: str, head: str, message: str) -> str:
    """Return a kept commit of this tree on top of HEAD: HEAD itself, the last one or a new one.

    The last snapshot of the same HEAD is a parent of the new one, so that the two merge by what
    the agent has changed between them.
    """
    store = ObjectStore(place.mirror)
    if tree == store.tree_of(head):
        return head
    last = _last(place, kind)
    goes_on = head in last[2:]
    if goes_on and last[1] == tree:
        return last[0]
    parents = [last[0], head] if goes_on else [head]
    return _keep(place, kind, commits.write(store, tree, parents, message))


def _last(place: Place, kind: str) -> list[str]:
    """Return the last snapshot's commit, tree and parents; an empty list if there is none."""
    return place.git(
        *("log", "-1", "--format=%H %T %P", _ref(place, kind)),
        doing="read the last snapshot",
        allowed=(0, 128),
    ).text.split()


def _ref(place: Place, kind: str) -> str:
    return f"refs/hephaestus/snapshots/{kind}/{place.branch}"


def _keep(place: Place, kind: str, commit: str) -> str:
    git.run(
        *("update-ref", _ref(place, kind), commit),
        doing="keep a snapshot",
        git_dir=place.mirror,
    )
    return commit
