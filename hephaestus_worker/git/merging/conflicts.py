"""Settles conflicted files: the side that touched a file last keeps its whole version.

Content and mode are kept as that side has them. Conflict markers appear only in the tree of
git's own merge, and no conflicted path of that tree is kept.

Paths that conflict together are settled together: of `a` renamed to `b` here and to `c` there,
one name stays.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from hephaestus_worker.git.merging.sides import Side, Touch, folders_of, read_sides, tip_touch
from hephaestus_worker.git.merging.times import Ends
from hephaestus_worker.git.objects.merge_tree import Entry, Finding, Merged, read_tree
from hephaestus_worker.git.objects.object_store import ObjectStore

Kind = Literal[
    "content",
    "add_add",
    "modify_delete",
    "rename",
    "binary",
    "mode",
    "submodule",
    "directory_file",
]
Kept = Literal["ours", "theirs", "both"]

# The most telling first; git may give several for one path.
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("submodule", "submodule"),
    ("file/directory", "directory_file"),
    ("distinct modes", "mode"),
    ("rename", "rename"),
    ("modify/delete", "modify_delete"),
    ("binary", "binary"),
)
_BASE, _OURS = 1, 2


@dataclass(frozen=True)
class FileConflict:
    """A path that both sides changed, and the side that was kept ("both": not settled).

    Times are those of the last commit that touched it on each side since the two parted, at most
    the end of the attempt that made it, where that is known.
    """

    path: str
    kind: Kind
    kept: Kept
    ours_commit: str
    theirs_commit: str
    ours_time: datetime
    theirs_time: datetime


@dataclass
class _Group:
    """Paths that conflict together."""

    paths: set[str]
    findings: dict[Finding, None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Decision:
    group: _Group
    ours: Touch
    theirs: Touch
    winner: Side
    loser: Side


class _Tree:
    """The files of a tree; a file takes the place of whatever its path does not allow."""

    def __init__(self, files: Mapping[str, Entry]) -> None:
        self.files = dict(files)
        self._below = _index(files)

    def remove(self, path: str) -> None:
        if self.files.pop(path, None):
            for folder in folders_of(path):
                self._below[folder].discard(path)

    def put(self, path: str, entry: Entry) -> None:
        for folder in folders_of(path):
            self.remove(folder)
        for other in list(self._below.get(path, ())):
            self.remove(other)
        self.remove(path)
        self.files[path] = entry
        for folder in folders_of(path):
            self._below.setdefault(folder, set()).add(path)


def settle(
    store: ObjectStore, merged: Merged, ours: str, theirs: str, ends: Ends
) -> tuple[str, list[FileConflict]]:
    """Return the tree in which the newest version of each conflicted file stands.

    A tie goes to `theirs`, which is the newer work: the tip that is merged.
    """
    decisions = _decide(store, merged, ours, theirs, ends)
    before = read_tree(store, merged.tree)
    after = _Tree(before)
    for decision in decisions:
        for path in decision.group.paths:
            after.remove(path)
    for decision in decisions:
        _keep(decision, merged, before, after)
    conflicts = [entry for decision in decisions for entry in _report(decision, merged)]
    return _write(store, merged.tree, before, after.files), conflicts


def describe(
    store: ObjectStore, merged: Merged, ours: str, theirs: str, ends: Ends
) -> list[FileConflict]:
    """Return the conflicts of the merge, none of them settled."""
    decisions = _decide(store, merged, ours, theirs, ends)
    return [entry for decision in decisions for entry in _report(decision, merged, kept="both")]


def _decide(
    store: ObjectStore, merged: Merged, ours: str, theirs: str, ends: Ends
) -> list[_Decision]:
    groups = _groups(merged)
    conflicted = {path for group in groups for path in group.paths}
    our_side, their_side = read_sides(store, ours, theirs, conflicted, ends)
    return [_decide_group(store, group, our_side, their_side, ends) for group in groups]


def _groups(merged: Merged) -> list[_Group]:
    groups: dict[str, _Group] = {path: _Group({path}) for path in merged.stages}
    below = _index(merged.stages)
    for finding in merged.findings:
        paths = list(finding.paths)
        if "file/directory" in finding.type:
            paths += [path for folder in finding.paths for path in below.get(folder, ())]
        _unite(groups, paths, finding)
    # A union replaces both groups, so each group is still named by one of its own paths.
    return list({id(group): group for group in groups.values()}.values())


def _unite(groups: dict[str, _Group], paths: Iterable[str], finding: Finding) -> None:
    """Make one group of all that these paths are in: the smaller ones go into the largest."""
    joined = {id(groups[path]): groups[path] for path in paths if path in groups}
    largest = max(joined.values(), key=lambda group: len(group.paths), default=_Group(set()))
    for group in joined.values():
        if group is not largest:
            largest.paths |= group.paths
            largest.findings |= group.findings
            groups |= dict.fromkeys(group.paths, largest)
    largest.paths |= set(finding.paths)
    largest.findings[finding] = None
    groups |= dict.fromkeys(finding.paths, largest)


def _index(paths: Iterable[str]) -> dict[str, set[str]]:
    """Return the paths below each folder."""
    below: dict[str, set[str]] = {}
    for path in paths:
        for folder in folders_of(path):
            below.setdefault(folder, set()).add(path)
    return below


def _decide_group(
    store: ObjectStore, group: _Group, our_side: Side, their_side: Side, ends: Ends
) -> _Decision:
    paths = set(group.paths)
    for side in (our_side, their_side):
        paths |= {side.renames[path] for path in group.paths if path in side.renames}
    ours = our_side.last_touch(paths) or tip_touch(store, our_side.commit, ends.now)
    theirs = their_side.last_touch(paths) or tip_touch(store, their_side.commit, ends.theirs)
    newest_first = (our_side, their_side) if ours.time > theirs.time else (their_side, our_side)
    return _Decision(group, ours, theirs, *newest_first)


def _keep(decision: _Decision, merged: Merged, before: dict[str, Entry], after: _Tree) -> None:
    winner, loser = decision.winner, decision.loser
    for path in sorted(decision.group.paths):
        entry = winner.files.get(path)
        if entry:
            after.put(path, entry)
            source = loser.renames.get(path)
            # The loser moved another file here. Its move is dropped with its version, so the
            # file stays at its old path and does not vanish from both.
            if source and source in winner.files and source not in before:
                after.put(source, winner.files[source])
        elif path in loser.files and winner.stage in merged.stages.get(path, {}):
            after.put(path, _under_old_name(decision, merged, path))


def _under_old_name(decision: _Decision, merged: Merged, path: str) -> Entry:
    """Return the winner's version of a file that only the loser has moved to `path`."""
    winner = decision.winner
    source = decision.loser.renames.get(path)
    if source and source in winner.files:
        return winner.files[source]
    staged = merged.stages[path][winner.stage]
    # For some renames git stages its own merge, with markers; that is the version of neither side.
    return staged if staged in winner.versions else decision.loser.files[path]


def _report(decision: _Decision, merged: Merged, kept: Kept | None = None) -> list[FileConflict]:
    winner, loser = decision.winner, decision.loser
    paths = decision.group.paths
    real = [path for path in sorted(paths) if path in winner.files or path in loser.files]
    won: Kept = "ours" if winner.stage == _OURS else "theirs"
    return [
        FileConflict(
            path=path,
            kind=_kind(decision.group, merged, path),
            kept=kept or won,
            ours_commit=decision.ours.commit,
            theirs_commit=decision.theirs.commit,
            ours_time=decision.ours.at,
            theirs_time=decision.theirs.at,
        )
        for path in real or sorted(paths)
    ]


def _kind(group: _Group, merged: Merged, path: str) -> Kind:
    types = [finding.type for finding in group.findings]
    for words, kind in _KINDS:
        if any(words in found for found in types):
            return kind
    return "content" if _BASE in merged.stages.get(path, {}) else "add_add"


def _write(store: ObjectStore, tree: str, before: dict[str, Entry], after: dict[str, Entry]) -> str:
    changes = [f"0 {'0' * len(tree)}\t{path}" for path in before if path not in after]
    changes += [
        f"{entry.mode} {entry.object_id}\t{path}"
        for path, entry in after.items()
        if before.get(path) != entry
    ]
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        doing = "write a merged tree"
        store.git("read-tree", tree, doing=doing, env=env)
        store.git(
            *("update-index", "-z", "--index-info"),
            doing=doing,
            env=env,
            stdin=os.fsencode("".join(f"{change}\0" for change in changes)),
        )
        return store.git("write-tree", doing=doing, env=env).text
