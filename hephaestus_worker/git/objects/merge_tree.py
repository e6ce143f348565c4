"""Runs `git merge-tree --write-tree` and reads its output."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.object_store import ObjectStore

_BASE, _OURS, _THEIRS = 1, 2, 3


@dataclass(frozen=True)
class Entry:
    """One file of a tree: its mode ("100644", "120000", "160000", …) and its object."""

    mode: str
    object_id: str


@dataclass(frozen=True)
class Finding:
    """One message of the merge: git's short name of the type, and the paths it is about."""

    type: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """The tree of a merge, and its conflicts if the merge is not clean."""

    tree: str
    stages: dict[str, dict[int, Entry]]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        return not self.stages and not self.findings


def merge(store: ObjectStore, ours: str, theirs: str) -> Merged:
    """Merge two commits without any checkout; the resulting tree is in the store.

    The tree of an unclean merge holds conflict markers: never commit it as it is.
    """
    done = store.git(
        *("merge-tree", "--write-tree", "-z", "--allow-unrelated-histories", ours, theirs),
        doing=f"merge {theirs[:12]} into {ours[:12]}",
        allowed=(0, 1),
        timeout=git.NETWORK,
    )
    tokens = iter(os.fsdecode(done.stdout).split("\0"))
    tree = next(tokens)
    if done.status == 0:
        return Merged(tree, {}, ())
    stages = _read_stages(tokens)
    return Merged(tree, stages, tuple(_read_findings(tokens)))


def _read_stages(tokens: Iterator[str]) -> dict[str, dict[int, Entry]]:
    stages: dict[str, dict[int, Entry]] = {}
    for token in tokens:
        if not token:  # the empty one between stages and messages
            break
        facts, path = token.split("\t", 1)
        mode, object_id, stage = facts.split(" ")
        stages.setdefault(path, {})[int(stage)] = Entry(mode, object_id)
    return stages


def _read_findings(tokens: Iterator[str]) -> Iterator[Finding]:
    for count in tokens:
        if not count.isdecimal():
            continue  # the end, or advice on submodules that git prints after the messages
        paths = tuple(next(tokens) for _ in range(int(count)))
        kind = next(tokens)
        next(tokens)  # the sentence for people
        if kind.startswith("CONFLICT"):
            yield Finding(kind, paths)


def read_tree(store: ObjectStore, treeish: str) -> dict[str, Entry]:
    """Return every file of a commit or tree by its path."""
    listed = store.git(
        *("ls-tree", "-r", "-z", "--full-tree", treeish),
        doing=f"list the files of {treeish[:12]}",
    )
    files = {}
    for line in os.fsdecode(listed.stdout).split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, _, object_id = facts.split(" ")
            files[path] = Entry(mode, object_id)
    return files
