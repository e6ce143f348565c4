"""Files by author: which tasks changed them, as values and as text that git writes for them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hephaestus_core.changes.authors import MergedCommit
from hephaestus_core.contract.texts import plain

#: Newest merges that are read, files that are told, and authors of one file.
MOST_MERGES: Final = 200
MOST_FILES: Final = 500
_MOST_AUTHORS: Final = 50
#: Begins the id of a commit, which the first path after it cannot be taken for.
MARK: Final = ">"
_HOW: Final = {"A": "added", "M": "changed", "D": "deleted", "T": "changed"}


@dataclass(frozen=True)
class Author:
    """A task whose merged work changed a file."""

    task_id: UUID
    agent_id: UUID
    title: str
    """Of the task."""
    commit: str
    """That brought the work in."""
    how: str
    """added, changed or deleted, against what was merged before."""
    at: datetime


@dataclass(frozen=True)
class AuthoredFile:
    """A file that merged work has changed, with who did it, newest first."""

    path: str
    tasks: int
    """Different tasks that changed it."""
    authors: list[Author]
    """The newest 50."""


@dataclass(frozen=True)
class WorkflowFiles:
    """The files that a workflow's merged work changed; those of most tasks come first."""

    files: list[AuthoredFile]
    merges: int
    """The newest merges, which were read."""
    truncated: bool
    """There are more merges or more files."""
    unread: str | None
    """Why they cannot be read here; None: they were."""


def read_changes(said: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield commit, path and how it was changed, of what git lists; a cut end is left out."""
    fields = iter(said.decode(errors="replace").split("\0")[:-1])
    commit = ""
    for field in fields:
        word = field.strip("\n")
        if word.startswith(MARK):
            commit = word[1:]
        elif word in _HOW:
            path = next(fields, None)
            if path is not None:
                yield commit, path, _HOW[word]


def by_file(
    changes: Iterator[tuple[str, str, str]], merged: Sequence[MergedCommit]
) -> list[AuthoredFile]:
    """Return the files with their authors: those of most tasks first, then by path."""
    known: Mapping[str, MergedCommit] = {each.commit: each for each in merged}
    authors: dict[str, list[Author]] = defaultdict(list)
    for commit, path, how in changes:
        by = known.get(commit)
        if by is not None:
            authors[path].append(Author(by.task_id, by.agent_id, by.title, commit, how, by.at))
    files = [
        AuthoredFile(plain(path), len({each.task_id for each in of}), of[:_MOST_AUTHORS])
        for path, of in authors.items()
    ]
    return sorted(files, key=lambda each: (-each.tasks, each.path))
