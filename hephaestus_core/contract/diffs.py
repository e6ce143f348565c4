"""The difference between two commits, as hosts record it and the API returns it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileChange:
    """One file of a diff. Binary files have no lines."""

    path: str
    """The path as git shows it; ``old => new`` for a renamed file."""
    insertions: int | None
    deletions: int | None
    size: int | None = None
    """Of a binary file afterwards, in bytes; None: it has lines, or is deleted."""


@dataclass(frozen=True)
class Diff:
    """The difference between two commits."""

    base: str
    commit: str
    files: int
    insertions: int
    deletions: int
    changes: list[FileChange]
    patch: str
    truncated: bool
    """Whether files or a part of the patch are missing here."""
