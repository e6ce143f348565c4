"""Makes commits by hand, without a checkout and without a process; no ref moves."""

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.object_store import ObjectStore


def write(
    store: ObjectStore,
    tree: str,
    parents: Sequence[str],
    message: str,
    *,
    worked_until: int | None = None,
) -> str:
    """Make a commit of a tree that is in the store, and return its id.

    Args:
        worked_until: the author's date, in seconds since 1970; None: now.
    """
    content = _content(store.path, tree, parents, message, worked_until)
    return store.put("commit", content, like=tree)


def _content(
    git_dir: Path, tree: str, parents: Sequence[str], message: str, worked_until: int | None
) -> bytes:
    """Return the commit as git stores it."""
    name = _identity(git_dir, (git_dir / "config").stat().st_mtime_ns)
    now, zone = int(time.time()), time.strftime("%z")
    lines = [
        f"tree {tree}",
        *(f"parent {parent}" for parent in parents),
        f"author {name} {now if worked_until is None else worked_until} {zone}",
        f"committer {name} {now} {zone}",
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
