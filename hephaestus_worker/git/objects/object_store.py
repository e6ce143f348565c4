"""The objects of a bare repository."""

import hashlib
import os
import tempfile
import zlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hephaestus_worker.git import command as git

# For trees and commits: they consist of object ids, which compression hardly shortens.
UNCOMPRESSED = ("-c", "core.looseCompression=0")
SHA1_LENGTH = 40  # of an id in hexadecimal; the other kind of repository has 64


@dataclass(frozen=True)
class Quarantine:
    """A folder for new objects that build upon the objects of one repository."""

    new: Path
    known: Path

    @property
    def env(self) -> dict[str, str]:
        """Where git writes and finds objects."""
        return {"GIT_OBJECT_DIRECTORY": str(self.new)} | borrow(self.known)


@dataclass(frozen=True)
class ObjectStore:
    """The objects of a bare repository, or new ones in quarantine above it."""

    path: Path
    quarantine: Quarantine | None = None

    @property
    def objects(self) -> Path:
        """The folder that receives new objects."""
        return self.quarantine.new if self.quarantine else self.path / "objects"

    @property
    def env(self) -> dict[str, str]:
        """Where git writes and finds objects, in whatever repository it runs."""
        if self.quarantine:
            return self.quarantine.env
        return {"GIT_OBJECT_DIRECTORY": str(self.objects)}

    def git(
        self,
        *arguments: str,
        doing: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        allowed: Collection[int] = (0,),
        timeout: float = git.QUICK,
    ) -> git.Finished:
        return git.run(
            *UNCOMPRESSED,
            *arguments,
            doing=doing,
            git_dir=self.path,
            stdin=stdin,
            env=(self.quarantine.env if self.quarantine else {}) | dict(env or {}),
            allowed=allowed,
            timeout=timeout,
        )

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit; without a process, if the commit is in its own file."""
        stored = self._read_loose(commit)
        if stored is not None:
            return stored.partition(b"\0tree ")[2][: len(commit)].decode()
        return self.git(
            *("rev-parse", "--verify", f"{commit}^{{tree}}"), doing=f"read {commit[:12]}"
        ).text

    def parents_of(self, commit: str) -> list[str]:
        """Return the parents of a commit in a file of its own; an empty list for a packed one."""
        lines = (self._read_loose(commit) or b"").partition(b"\n\n")[0].decode("latin1")
        words = (line.split(" ") for line in lines.splitlines()[1:])
        return [each[1] for each in words if each[0] == "parent"]

    def _read_loose(self, commit: str) -> bytes | None:
        for folder in [self.objects, *([self.quarantine.known] if self.quarantine else [])]:
            # git may move it into a pack between the test and the read.
            with suppress(OSError):
                return zlib.decompress(object_path(folder, commit).read_bytes())
        return None

    def put(self, kind: str, content: bytes, *, like: str) -> str:
        """Write one object as a loose object, and return its id.

        Args:
            kind: of the object, as git names it.
            content: valid for its kind; git is not asked to check it.
            like: any id of this store; it tells by which hash the store names its objects.
        """
        stored = b"%s %d\0%s" % (kind.encode(), len(content), content)
        hash_of = hashlib.sha1 if len(like) == SHA1_LENGTH else hashlib.sha256
        object_id = hash_of(stored, usedforsecurity=False).hexdigest()
        place = object_path(self.objects, object_id)
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            # What is named tmp_obj_ and never renamed is deleted by git's own housekeeping.
            with tempfile.NamedTemporaryFile(
                dir=place.parent, prefix="tmp_obj_", delete=False
            ) as file:
                file.write(zlib.compress(stored, 1))
                os.fchmod(file.fileno(), 0o444)
            os.replace(file.name, place)  # noqa: PTH105 - the name is a text
        return object_id


def borrow(objects: Path) -> dict[str, str]:
    """Return the environment in which git finds further objects there."""
    quoted = str(objects).replace("\\", "\\\\").replace('"', '\\"')
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}


def object_path(objects: Path, object_id: str) -> Path:
    return objects / object_id[:2] / object_id[2:]
