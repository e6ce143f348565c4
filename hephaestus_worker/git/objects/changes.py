"""The files that differ between two commits, and the contents of single files; nothing is run."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git

#: The most bytes that the list of changes may have, which is some hundred thousand files.
_MOST_BYTES: Final = 64 * 1024 * 1024
_REGULAR: Final = frozenset(("100644", "100755"))
_FOLDER: Final = "040000"


@dataclass(frozen=True)
class Entry:
    """A path in the tree of a commit."""

    mode: str
    object_id: str

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file: no link, no folder, no submodule."""
        return self.mode in _REGULAR

    @property
    def is_folder(self) -> bool:
        return self.mode == _FOLDER


@dataclass(frozen=True)
class Change:
    """A path that differs; a renamed file is two. None: there is nothing at this path."""

    path: str
    before: Entry | None
    after: Entry | None


def between(git_dir: Path, base: str, commit: str) -> list[Change]:
    """Return all paths at which two commits differ.

    Raises:
        RepositoryError: there are too many, or a commit is missing.
    """
    said, cut = git.beginning(
        *("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"),
        *(git.check_commit(base), git.check_commit(commit)),
        doing=f"compare {base[:12]} with {commit[:12]}",
        git_dir=git_dir,
        most=_MOST_BYTES,
    )
    if cut:
        raise RepositoryError(
            f"{base[:12]} and {commit[:12]} differ in too many files to be compared."
        )
    words = os.fsdecode(said).split("\0")
    facts = (line.removeprefix(":").split(" ") for line in words[:-1:2])
    return [
        Change(path, _entry(old_mode, old), _entry(mode, new))
        for (old_mode, mode, old, new, _), path in zip(facts, words[1::2], strict=True)
    ]


def entries(git_dir: Path, commit: str, paths: list[str]) -> dict[str, Entry]:
    """Return those of the paths that the commit holds; none of them leads through a link."""
    listed = git.run(
        *("ls-tree", "-z", "--full-tree", git.check_commit(commit), "--", *paths),
        doing=f"look for files in {commit[:12]}",
        git_dir=git_dir,
    )
    found = (line.partition("\t") for line in os.fsdecode(listed.stdout).split("\0") if line)
    return {path: Entry(*_mode_and_id(facts)) for facts, _, path in found}


def files(git_dir: Path, commit: str) -> dict[str, Entry]:
    """Return all regular files of a commit, by their paths.

    Raises:
        RepositoryError: there are too many, or the commit is missing.
    """
    listed, cut = git.beginning(
        *("ls-tree", "-r", "-z", "--full-tree", git.check_commit(commit)),
        doing=f"list the files of {commit[:12]}",
        git_dir=git_dir,
        most=_MOST_BYTES,
    )
    if cut:
        raise RepositoryError(f"{commit[:12]} has too many files to be listed.")
    lines = (line.partition("\t") for line in os.fsdecode(listed).split("\0") if line)
    found = ((path, Entry(*_mode_and_id(facts))) for facts, _, path in lines)
    return {path: entry for path, entry in found if entry.is_file}


def contents(git_dir: Path, object_ids: list[str]) -> list[bytes]:
    """Return the whole contents of files; callers bound them by :func:`sizes`."""
    if not object_ids:
        return []
    read = git.run(
        *("cat-file", "--batch"),
        doing="read files",
        git_dir=git_dir,
        stdin="".join(f"{each}\n" for each in object_ids).encode(),
    ).stdout
    found, start = [], 0
    for _ in object_ids:
        begin = read.index(b"\n", start) + 1
        end = begin + int(read[start : begin - 1].split()[2])
        found.append(read[begin:end])
        start = end + 1
    return found


def sizes(git_dir: Path, object_ids: list[str]) -> list[int]:
    """Return the sizes in bytes of the contents of files."""
    listed = git.run(
        *("cat-file", "--batch-check=%(objectsize)"),
        doing="read the sizes of files",
        git_dir=git_dir,
        stdin="".join(f"{each}\n" for each in object_ids).encode(),
    )
    return [int(size) for size in listed.text.split()]


def content(git_dir: Path, object_id: str, most: int) -> bytes:
    """Return the first bytes of a file's content, ``most`` of them at most."""
    said, _ = git.beginning(
        *("cat-file", "blob", object_id),
        doing=f"read the file {object_id[:12]}",
        git_dir=git_dir,
        most=most,
    )
    return said


def _mode_and_id(facts: str) -> tuple[str, str]:
    mode, _, object_id = facts.split(" ")
    return mode, object_id


def _entry(mode: str, object_id: str) -> Entry | None:
    return None if mode == "000000" else Entry(mode, object_id)
