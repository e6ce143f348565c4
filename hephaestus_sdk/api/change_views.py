"""Views of merges, conflicts and diffs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A file that both sides changed, and the side that was kept."""

    path: str
    kind: str = ""
    kept: str = ""
    """ours (of the integration branch), theirs (of the task), or both: not settled."""
    ours_commit: str | None = None
    theirs_commit: str | None = None
    ours_time: datetime | None = None
    theirs_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Merge:
    """A task's work on its way to the integration branch."""

    id: str
    workflow_id: str = ""
    task_id: str | None = None
    agent_id: str | None = None
    status: str = ""
    """pending, merged, nothing, conflict, or dropped: its task was cancelled before."""
    commit: str | None = None
    tip: str | None = None
    branch: str | None = None
    reason: str | None = None
    """Why its last try failed; it is tried again."""
    files: int = 0
    insertions: int = 0
    deletions: int = 0
    conflicts: tuple[Conflict, ...] = ()
    created_at: datetime | None = None
    merged_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """One file of a diff; a binary one has no lines."""

    path: str
    insertions: int | None = None
    deletions: int | None = None
    size: int | None = None
    """Of a binary file afterwards, in bytes."""


@dataclass(frozen=True, kw_only=True)
class Diff:
    """The diff of a task or a workflow; without commits before any work was saved."""

    base: str | None = None
    commit: str | None = None
    files: int = 0
    insertions: int = 0
    deletions: int = 0
    changes: tuple[FileChange, ...] = ()
    patch: str = ""
    truncated: bool = False
    """There are more files, or the patch is longer."""
    recorded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit of a task's work."""

    id: str
    subject: str = ""
    author: str = ""
    at: datetime | None = None
    files: int = 0
    """Those that it changes; a merge counts none."""
    insertions: int = 0
    deletions: int = 0
    in_base_branch: bool = False


@dataclass(frozen=True, kw_only=True)
class Author:
    """A task whose merged work changed a file."""

    task_id: str = ""
    agent_id: str = ""
    title: str = ""
    """Of the task."""
    commit: str = ""
    """That brought the work in."""
    how: str = ""
    """added, changed or deleted, against what was merged before."""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AuthoredFile:
    """A file that merged work has changed, with who did it, newest first."""

    path: str
    tasks: int = 0
    """Different tasks that changed it."""
    authors: tuple[Author, ...] = ()
    """The newest 50."""


@dataclass(frozen=True, kw_only=True)
class WorkflowFiles:
    """The files that a workflow's merged work changed; those of most tasks come first."""

    files: tuple[AuthoredFile, ...] = ()
    merges: int = 0
    """The newest merges, which were read."""
    truncated: bool = False
    """There are more merges or more files."""
    unread: str | None = None
    """Why the server cannot read them; None: it did."""


@dataclass(frozen=True, kw_only=True)
class TaskCommits:
    """The newest commits of a task's work, at most 50; without a tip before any was saved."""

    base: str | None = None
    tip: str | None = None
    base_branch: str = ""
    commits: tuple[Commit, ...] = ()
    truncated: bool = False
    """There are older ones, too."""
    unread: str | None = None
    """Why the server cannot read them; None: it did."""
