"""Reads a patch as git writes it: its files, their hunks, and each of its lines exactly once.

Agents wrote what is in it. A line within a hunk is recognised by the numbers in the hunk's head, so
no content can pass for the head of a file. Each line is looked at once.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

LineKind = Literal["context", "added", "removed", "note"]

#: Digits are few: a number of lines with more is none that git writes.
_HUNK: Final = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@", re.ASCII)
_FILE: Final = "diff --git "
_KINDS: Final[dict[str, LineKind]] = {" ": "context", "": "context", "+": "added", "-": "removed"}
_ESCAPES: Final = {
    "a": 7,
    "b": 8,
    "t": 9,
    "n": 10,
    "v": 11,
    "f": 12,
    "r": 13,
    '"': 34,
    "\\": 92,
}
#: The beginnings of the lines before the first hunk of a file.
_KNOWN: Final = (
    *(_FILE, "index ", "--- ", "+++ ", "old mode ", "new mode ", "new file mode "),
    *("deleted file mode ", "similarity index ", "dissimilarity index ", "rename from "),
    *("rename to ", "copy from ", "copy to ", "Binary files ", "GIT binary patch"),
)
#: An LFS pointer has three lines; no more are looked at.
_POINTER_LINES: Final = 8
_POINTER: Final = "version https://git-lfs.github.com/spec/"
_POINTER_SIZE: Final = re.compile(r"size (\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk; ``old`` and ``new`` are its numbers in both versions of the file."""

    kind: LineKind
    text: str
    old: int | None = None
    new: int | None = None

    @property
    def place(self) -> str:
        """Its number as people and forms name it: ``+12``, or ``-9`` for a removed line."""
        return f"-{self.old}" if self.new is None else f"+{self.new}"


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of lines of one file."""

    head: str
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class PatchFile:
    """One file of a patch."""

    about: list[str] = field(default_factory=list)
    """The lines that belong to no hunk: names, modes, and whatever could not be read."""
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Its path afterwards; that before if it is deleted, empty if none can be read."""
        for beginning in ("rename to ", "copy to "):
            if found := self._said(beginning):
                return unquoted(found)
        for beginning in ("+++ ", "--- "):
            found = unquoted(self._said(beginning).removesuffix("\t"))
            if found[:2] in {"a/", "b/"}:
                return found[2:]
        return _path_of_head(self.about[0]) if self.about else ""

    @property
    def old_path(self) -> str | None:
        """Its path before, where that was another."""
        found = self._said("rename from ") or self._said("copy from ")
        return unquoted(found) or None

    @property
    def is_new(self) -> bool:
        """Whether it was made."""
        return bool(self._said("new file mode ") and not self._said("deleted file mode "))

    @property
    def is_deleted(self) -> bool:
        """Whether it was taken out; one that became a link or a file again was not."""
        return bool(self._said("deleted file mode ") and not self._said("new file mode "))

    @property
    def is_binary(self) -> bool:
        """Whether git shows no lines of it because it is no text."""
        return any(line.startswith(("Binary files ", "GIT binary patch")) for line in self.about)

    @property
    def modes(self) -> tuple[str, str] | None:
        """Its modes before and after, where only they were changed."""
        old, new = self._said("old mode "), self._said("new mode ")
        return (old, new) if old and new else None

    @property
    def large_size(self) -> int | None:
        """The size of the content that Git LFS keeps elsewhere, in bytes; None: it keeps none."""
        texts = [line.text for hunk in self.hunks[:1] for line in hunk.lines[:_POINTER_LINES]]
        if not any(text.startswith(_POINTER) for text in texts):
            return None
        found = [match for text in texts if (match := _POINTER_SIZE.fullmatch(text))]
        return int(found[-1][1]) if found else None

    @property
    def unread(self) -> list[str]:
        """The lines that are neither of a hunk nor of those that git writes before it."""
        return [line for line in self.about if not line.startswith(_KNOWN)]

    @property
    def lines(self) -> int:
        """How many lines it takes to show all of it."""
        return sum(1 + len(hunk.lines) for hunk in self.hunks) + len(self.unread)

    def line_at(self, place: str) -> Line | None:
        """Return the line with this number; None: the patch does not have it."""
        every = (line for hunk in self.hunks for line in hunk.lines)
        return next((line for line in every if line.kind != "note" and line.place == place), None)

    def _said(self, beginning: str) -> str:
        found = (line for line in self.about if line.startswith(beginning))
        return next(found, beginning)[len(beginning) :]


def read(patch: str) -> list[PatchFile]:
    """Return the files of a patch, in its order; of one that is cut, those that it still has."""
    reader = _Reader()
    for line in patch.removesuffix("\n").split("\n") if patch else ():
        reader.take(line)
    return reader.files


def unquoted(path: str) -> str:
    """Return a path that git has put in quotes because of unusual characters in it."""
    if len(path) < 2 or not path.startswith('"') or not path.endswith('"'):  # noqa: PLR2004
        return path
    found, rest = bytearray(), iter(path[1:-1])
    for character in rest:
        if character != "\\":
            found += character.encode(errors="replace")
            continue
        escape = next(rest, "\\")
        if escape in "01234567":
            digits = escape + next(rest, "") + next(rest, "")
            found.append(int(digits, 8) % 256 if digits.isdigit() and max(digits) < "8" else 63)
        else:
            found.append(_ESCAPES.get(escape, 63))
    return found.decode(errors="replace")


def _path_of_head(head: str) -> str:
    """Return the path that stands twice in the first line of a file without any other name."""
    names = head.removeprefix(_FILE)
    before = names[: (len(names) - 1) // 2]
    return unquoted(before).removeprefix("a/")


class _Reader:
    """Takes the lines of a patch one by one."""

    def __init__(self) -> None:
        self.files: list[PatchFile] = []
        self._old_left = self._new_left = 0
        self._old = self._new = 0

    def take(self, line: str) -> None:
        """Put the line where it belongs."""
        if (self._old_left or self._new_left) and self._is_content(line):
            return
        self._old_left = self._new_left = 0
        if line.startswith(_FILE):
            # A file that became a link is two parts with the same head, and one file.
            if not self.files or self.files[-1].about[:1] != [line]:
                self.files.append(PatchFile())
        elif not self.files:
            self.files.append(PatchFile())
        file = self.files[-1]
        if (head := _HUNK.match(line)) is not None:
            self._begin(head)
            file.hunks.append(Hunk(line))
        elif line.startswith("\\") and file.hunks:
            file.hunks[-1].lines.append(Line("note", line[1:].strip()))
        else:
            file.about.append(line)

    def _begin(self, head: "re.Match[str]") -> None:
        old, old_count, new, new_count = head.groups(default="1")
        self._old, self._new = int(old), int(new)
        self._old_left, self._new_left = int(old_count), int(new_count)

    def _is_content(self, line: str) -> bool:
        """Add the line to the present hunk; False if it cannot be one of its lines."""
        kind = _KINDS.get(line[:1])
        is_old, is_new = kind in {"context", "removed"}, kind in {"context", "added"}
        lines = self.files[-1].hunks[-1].lines
        if line.startswith("\\"):
            lines.append(Line("note", line[1:].strip()))
            return True
        if kind is None or (is_old and not self._old_left) or (is_new and not self._new_left):
            return False
        old, new = self._old if is_old else None, self._new if is_new else None
        lines.append(Line(kind, line[1:], old, new))
        self._old, self._old_left = self._old + is_old, self._old_left - is_old
        self._new, self._new_left = self._new + is_new, self._new_left - is_new
        return True
