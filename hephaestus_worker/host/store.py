"""The objects of a bare repository."""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hephaestus_worker.host import git

# For commands that write trees and commits, mostly object ids: they hardly get smaller.
UNCOMPRESSED = ("-c", "core.looseCompression=0")


@dataclass(frozen=True)
class Store:
    """Runs git on the objects of a bare repository."""

    path: Path

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
            env=env,
            allowed=allowed,
            timeout=timeout,
        )

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit; without a process, if the commit is in its own file."""
        try:
            stored = zlib.decompress(object_path(self.path / "objects", commit).read_bytes())
        except OSError:
            return self.git(
                *("rev-parse", "--verify", f"{commit}^{{tree}}"), doing=f"read {commit[:12]}"
            ).text
        return stored.partition(b"\0tree ")[2][: len(commit)].decode()


def borrow(objects: Path) -> dict[str, str]:
    """Return the environment in which git finds further objects there."""
    quoted = str(objects).replace("\\", "\\\\").replace('"', '\\"')
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}


def object_path(objects: Path, object_id: str) -> Path:
    return objects / object_id[:2] / object_id[2:]
