"""Commits, as values and as text that git writes for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from hephaestus_core.contract.texts import first_line, plain

#: Most commits that are shown of one task.
MOST: Final = 50
_LONGEST_SUBJECT: Final = 120
_LONGEST_NAME: Final = 80
#: The last second that a calendar of four-digit years holds.
_LAST_SECOND: Final = 253_402_300_799
_FIELDS: Final = 5
#: What git is asked for: NULs end the fields, since none can hold one. The line of counts follows.
FORMAT: Final = "%x00%H%x00%ct%x00%an%x00%s%x00"
_COUNTED: Final = re.compile(r"(\d{1,18}) (file|insertion|deletion)")


@dataclass(frozen=True)
class Commit:
    """A commit of a task's work."""

    id: str
    subject: str
    """Its first line, at most 120 characters."""
    author: str
    at: datetime
    """When it was made, by the clock of who made it."""
    files: int
    """Those that it changes; a merge counts none."""
    insertions: int
    deletions: int
    in_base_branch: bool


@dataclass(frozen=True)
class TaskCommits:
    """The commits of a task, newest first, as far as they can be read on this machine."""

    base: str | None
    """Where the attempt began; its own commits come after that."""
    tip: str | None
    """The newest saved commit; None: nothing was saved yet."""
    base_branch: str
    commits: list[Commit]
    truncated: bool
    """There are older ones, too."""
    unread: str | None
    """Why they cannot be read here; None: they were."""


def read_commits(said: bytes) -> list[Commit]:
    """Return the commits that git lists in :data:`FORMAT`; one that is cut off is left out."""
    fields = said.decode(errors="replace").split("\0")[1:]
    whole = range(0, len(fields) - _FIELDS + 1, _FIELDS)
    return [_commit(*fields[start : start + _FIELDS]) for start in whole]


def with_base(commits: list[Commit], outside: bytes) -> Iterator[Commit]:
    """Say of commits that they are in the base branch, unless git lists them as outside of it."""
    others = set(outside.decode(errors="replace").split())
    for each in commits:
        yield replace(each, in_base_branch=each.id not in others)


def _commit(commit_id: str, second: str, author: str, subject: str, counts: str) -> Commit:
    counted = {noun: int(number) for number, noun in _COUNTED.findall(counts[:300])}
    return Commit(
        id=commit_id,
        subject=_line(subject, _LONGEST_SUBJECT),
        author=_line(author, _LONGEST_NAME),
        at=moment(second),
        files=counted.get("file", 0),
        insertions=counted.get("insertion", 0),
        deletions=counted.get("deletion", 0),
        in_base_branch=False,
    )


def moment(second: str) -> datetime:
    """Return the time of a commit; one that no calendar holds is moved to the nearest that does."""
    try:
        known = int(second[:20])
    except ValueError:
        known = 0
    return datetime.fromtimestamp(min(max(known, 0), _LAST_SECOND), UTC)


def _line(text: str, limit: int) -> str:
    return first_line(plain(text[: 4 * limit]), limit)
