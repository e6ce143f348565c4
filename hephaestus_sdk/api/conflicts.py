"""Files that two branches had changed: whose version was kept, and how to see the other one."""

import shlex
from dataclasses import dataclass

#: Characters of a commit's name that tell it from all others.
_COMMIT_LENGTH = 12
#: Kinds in which each side has a file of this path.
_OF_TWO_FILES = frozenset({"content", "add_add", "binary", "mode"})


@dataclass(frozen=True, kw_only=True)
class FileConflict:
    """A file that two branches had changed when one was merged into the other."""

    path: str
    kind: str = ""
    kept: str = ""
    """ours (of the branch that was merged into), theirs (of the merged one), or both: not
    settled."""
    ours: str = ""
    """Name of the branch that was merged into: the integration branch, or the base branch."""
    theirs: str = ""
    """Name of the branch that was merged: a task's, or the integration branch."""
    ours_commit: str | None = None
    """The last one that touched the file on that side."""
    theirs_commit: str | None = None
    task_id: str | None = None
    """Of the merged work; None: it was on the way to the base branch."""

    @property
    def look_up(self) -> str | None:
        """Return the git command that shows the version that was not kept; None if both stand."""
        if self.kept == "ours":
            return self._command(self.theirs_commit)
        return self._command(self.ours_commit) if self.kept == "theirs" else None

    def __str__(self) -> str:
        path, ours, theirs = map(_printable, (self.path, self.ours, self.theirs))
        if self.look_up is None:
            return (
                f"{path}: not settled; `{self._command(self.ours_commit)}` shows the version of "
                f"{ours}, `{self._command(self.theirs_commit)}` that of {theirs}"
            )
        kept, other = (ours, theirs) if self.kept == "ours" else (theirs, ours)
        return f"{path}: kept the version of {kept}; `{self.look_up}` shows that of {other}"

    def _command(self, commit: str | None) -> str:
        name = (commit or "")[:_COMMIT_LENGTH]
        if not self.path.isprintable():  # what a terminal would obey is not typed by hand either
            return f"git show {name}"
        if self.kind in _OF_TWO_FILES:
            return f"git show {shlex.quote(f'{name}:{self.path}')}"
        return f"git show {name} -- {shlex.quote(self.path)}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
