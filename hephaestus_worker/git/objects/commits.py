"""Makes commits by hand, without a checkout and without a process; no ref moves."""

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.object_store import ObjectStore


def write(store: ObjectStore, tree: str, parents: Sequence[str], message: str) -> str:
    """Make a commit of a tree that is in the store, and return its id."""
    return store.put("commit", _content(store.path, tree, parents, message), like=tree)


def _content(git_dir: Path, tree: str, parents: Sequence[str], message: str) -> bytes:
    """Return the commit as git stores it."""
    name = _identity(git_dir, (git_dir / "config").stat().st_mtime_ns)
    who = f"{name} {int(time.time())} {time.strftime('%z')}"
    lines = [
        f"tree {tree}",
        *(f"parent {parent}" for parent in parents),
        f"author {who}",
        f"committer {who}",
        "",
        message.replace("\0", " ").strip() or "Save work",
        "",
    ]
    return "\n".join(lines).encode(errors="replace")


@lru_cache(maxsize=256)
def _identity(git_dir: Path, _config_time: int) -> str:
    """Return name and address of who commits here, as git cleans them."""
    stamped = git.run("var", "GIT_COMMITTER_IDENT", doing="read who commits", git_dir=git_dir)
    return stamped.text.rsplit(" ", 2)[0]
