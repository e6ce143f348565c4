"""The files of one commit, as documents speak of them: read within bounds."""

import posixpath
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from hephaestus_worker.git.objects import changes
from hephaestus_worker.git.objects.changes import Entry
from hephaestus_worker.reviews.documents.markdown import Document, read

#: Bytes of a file that are read; what is larger was hardly written by hand.
MOST_BYTES: Final = 1024 * 1024
#: Bytes of all files that are read one by one, and of those that are searched for names.
_MOST_READ: Final = 64 * 1024 * 1024
_MOST_SEARCHED: Final = 256 * 1024 * 1024
#: Files whose contents are read by one command.
_BATCH: Final = 50
#: Bytes in which a NUL shows that a file is no text.
_LOOKED_AT: Final = 8192


class TooMuch(Exception):
    """A check would have to read more than it may."""


class CommitFiles:
    """The regular files of a commit."""

    def __init__(self, git_dir: Path, commit: str) -> None:
        self._git_dir, self._commit = git_dir, commit
        self._documents: dict[str, Document] = {}
        self._read = 0

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """All files, by their paths."""
        return changes.files(self._git_dir, self._commit)

    @cached_property
    def folders(self) -> set[str]:
        found = {"."}
        for path in self.entries:
            parent = posixpath.dirname(path)
            while parent and parent not in found:
                found.add(parent)
                parent = posixpath.dirname(parent)
        return found

    @cached_property
    def extensions(self) -> set[str]:
        """The endings of names of files, such as ``.py``."""
        return {end for path in self.entries if (end := posixpath.splitext(path)[1])}

    def exists(self, path: str) -> bool:
        """Say whether the commit holds a file or a folder at the path."""
        return path in self.entries or path in self.folders

    def text(self, path: str) -> str | None:
        """Return the beginning of a file of text; None if there is no such file.

        Raises:
            TooMuch: too much of the commit has been read.
        """
        entry = self.entries.get(path)
        if entry is None:
            return None
        content = changes.content(self._git_dir, entry.object_id, MOST_BYTES)
        self._read += len(content)
        if self._read > _MOST_READ:
            raise TooMuch
        return None if _is_binary(content) else content.decode(errors="replace")

    def document(self, path: str) -> Document:
        """Return a document, taken apart; an empty one if there is no such file.

        Raises:
            TooMuch: as :meth:`text`.
        """
        if path not in self._documents:
            self._documents[path] = read(self.text(path) or "")
        return self._documents[path]

    def texts(self, paths: Iterable[str]) -> Iterator[str]:
        """Yield the contents of files of text, without those that are too large for one.

        Raises:
            TooMuch: they have too many bytes together.
        """
        files = [self.entries[path].object_id for path in paths]
        sizes = changes.sizes(self._git_dir, files) if files else []
        small = [pair for pair in zip(files, sizes, strict=True) if pair[1] <= MOST_BYTES]
        if sum(size for _, size in small) > _MOST_SEARCHED:
            raise TooMuch
        for start in range(0, len(small), _BATCH):
            batch = [object_id for object_id, _ in small[start : start + _BATCH]]
            for content in changes.contents(self._git_dir, batch):
                if not _is_binary(content):
                    yield content.decode(errors="replace")


def _is_binary(content: bytes) -> bool:
    return b"\0" in content[:_LOOKED_AT]
