"""Puts the files of a worktree into the worker's own index, whatever the agent's index says."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hephaestus_core.contract.left_out import LeftOut
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import regular_files
from hephaestus_worker.git.objects.object_store import UNCOMPRESSED
from hephaestus_worker.git.worktrees import embedded, new_files
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.git.worktrees import refused as refused_files
from hephaestus_worker.git.worktrees.new_files import NewFiles, Rules
from hephaestus_worker.git.worktrees.place import Place

_INDEX_BYTES: Final = 1_000_000_000


@dataclass(frozen=True)
class Staged:
    """The files of a worktree, as the index of the worker has them now.

    Args:
        tree: the tree with all of them, in the mirror.
        new: the new files, and those that the rules leave out.
        refused: the files that git does not take, such as those on which a filter fails. The tree
            has them as they were before, if it has them.
        unmerged: the stages of each path with an unresolved conflict in the agent's index, as
            "mode object".
    """

    tree: str
    new: NewFiles
    refused: tuple[LeftOut, ...] = ()
    unmerged: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def stage(place: Place, head: str, *, at_head: bool, rules: Rules) -> Staged:
    """Stage all files but those that the rules leave out.

    Args:
        head: the commit whose files count as tracked, in the mirror.
        at_head: whether the index was made for this commit.
    """
    if not at_head:
        # Entries that do not change keep their file times, so git need not read those files again.
        place.git("read-tree", "-m", "-i", head, doing="read the files of HEAD")
    known = at_head and index_stamp(place) == worktree_place.seen(place).get("stamp")
    # The three run at once: git takes longer to start than to do its part of this.
    with _updating(place) as update, _reading_added(place, head, known=known) as read_added:
        new = new_files.find(place, rules)
        added, unmerged = read_added()
        refused = update(added or _to_save(place, new))
    if added:
        # What an agent has added itself is saved although it is ignored, and is new no more.
        new = new_files.find(place, rules)
        refused += _update(place, _to_save(place, new))
    embedded.absorb_pointers(place)
    for path, files in new.repositories.items():
        embedded.absorb(place, path, files)
    each_once = {each.path: each for each in refused}
    return Staged(write_tree(place), new, tuple(each_once.values()), unmerged)


def has_changes(place: Place, head: str, *, at_head: bool, rules: Rules) -> bool:
    """Return whether the files differ from those of the index, or of `head` if it is older."""
    if not at_head:
        place.git("read-tree", "-m", "-i", head, doing="read the files of HEAD")
    new = new_files.find(place, rules)
    return bool(new) or bool(_to_save(place, new))


def index_stamp(place: Place) -> str:
    """Return what changes whenever a git command of the agent writes its index."""
    try:
        facts = (place.admin / "index").lstat()
    except OSError:
        return ""
    return f"{facts.st_ino}-{facts.st_size}-{facts.st_mtime_ns}"


def write_tree(place: Place) -> str:
    return place.git(*UNCOMPRESSED, "write-tree", doing="save the work").text


def _hidden(place: Place) -> set[str]:
    """Return the files that a sparse checkout of the agent leaves out, which nobody has deleted."""
    if not regular_files.is_regular(place.admin / "info" / "sparse-checkout"):
        return set()
    with _copied_index(place) as env:
        if env is None:
            return set()
        listed = place.git(
            "ls-files", "-t", "-z", doing="read a sparse checkout", env=env, allowed=(0, 128)
        )
    lines = os.fsdecode(listed.stdout).split("\0")
    hidden = (line[2:] for line in lines if line.startswith("S "))
    return {path for path in hidden if not os.path.lexists(place.folder / path)}


def _to_save(place: Place, new: NewFiles) -> list[str]:
    hidden = _hidden(place) if new.changed else set()
    return [*(path for path in new.changed if path not in hidden), *new.paths]


_UPDATE: Final = ("update-index", "--add", "--remove", "--replace", "-z", "--stdin")


@contextmanager
def _updating(place: Place) -> Iterator[Callable[[Sequence[str]], list[LeftOut]]]:
    """Yield a function that does what :func:`_update` does, once; its process runs already."""
    with place.git_started(*_UPDATE, doing="save the work") as finish:

        def update(paths: Sequence[str]) -> list[LeftOut]:
            return _without_refused(place, paths, finish(_lines(paths), (0, 1, 128)))

        yield update


def _update(place: Place, paths: Sequence[str]) -> list[LeftOut]:
    """Put these files into the index, or take them out if they are gone; return those refused."""
    if not paths:
        return []
    done = place.git(*_UPDATE, doing="save the work", stdin=_lines(paths), allowed=(0, 1, 128))
    return _without_refused(place, paths, done)


def _lines(paths: Sequence[str]) -> bytes:
    return os.fsencode("".join(f"{path}\0" for path in paths))


def _without_refused(place: Place, paths: Sequence[str], done: git.Finished) -> list[LeftOut]:
    """Update the index with what git takes of these; return the others."""
    if done.status == 0 or not paths:
        return []
    if len(paths) == 1:
        return refused_files.refused(place, paths[0], done)
    # It takes all files or none. Halving finds the ones that it cannot take.
    middle = len(paths) // 2
    return [*_update(place, paths[:middle]), *_update(place, paths[middle:])]


@contextmanager
def _reading_added(
    place: Place, head: str, *, known: bool
) -> Iterator[Callable[[], tuple[list[str], Mapping[str, Mapping[int, str]]]]]:
    """Start to compare the agent's own index with `head`; yield a function for what it adds.

    It only ever adds files to the saved: those that an agent has added itself are saved although
    they are ignored, or too much. The second value has what `Staged.unmerged` has.

    Args:
        known: it has nothing to add.
    """
    with nullcontext() if known else _copied_index(place) as env:
        if env is None:
            yield lambda: ([], {})
            return
        with place.git_started(
            *("diff-index", "--cached", "--raw", "-z", "--no-renames", "--ignore-submodules=all"),
            *("--diff-filter=AU", head),
            doing="read what was added",
            env=env,
        ) as finish:
            yield lambda: _added_and_unmerged(place, env, finish(b"", (0, 128)))


def _added_and_unmerged(
    place: Place, env: Mapping[str, str], listed: git.Finished
) -> tuple[list[str], Mapping[str, Mapping[int, str]]]:
    facts = os.fsdecode(listed.stdout).split("\0") if listed.status == 0 else []
    pairs = list(zip(facts[::2], facts[1::2], strict=False))
    unmerged = any(fact.endswith(" U") for fact, _ in pairs)
    added = [path for fact, path in pairs if fact.endswith(" A")]
    return _on_disk(place, added), _unmerged(place, env) if unmerged else {}


def _on_disk(place: Place, paths: Sequence[str]) -> list[str]:
    """Return the paths of files and links that are there, and lead through no link."""
    return [
        path
        for path in paths
        if os.path.lexists(place.folder / path)
        and not (place.folder / path).is_dir()
        and (place.folder / path).parent.resolve().is_relative_to(place.folder.resolve())
    ]


@contextmanager
def _copied_index(place: Place) -> Iterator[Mapping[str, str] | None]:
    content = regular_files.read(place.admin / "index", _INDEX_BYTES)
    if content is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        copy = Path(folder) / "index"
        copy.write_bytes(content)
        yield {"GIT_INDEX_FILE": str(copy)}


def _unmerged(place: Place, env: Mapping[str, str]) -> dict[str, dict[int, str]]:
    listed = place.git("ls-files", "-u", "-z", doing="list unresolved files", env=env)
    stages: dict[str, dict[int, str]] = {}
    for line in os.fsdecode(listed.stdout).split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, object_id, stage = facts.split(" ")
            stages.setdefault(path, {})[int(stage)] = f"{mode} {object_id}"
    return stages
