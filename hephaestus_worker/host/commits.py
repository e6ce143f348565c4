"""Makes commits by hand, without a checkout; no ref moves."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from hephaestus_worker.host import git
from hephaestus_worker.host.store import UNCOMPRESSED, Store

#: Makes a commit of a tree, with these parents and this message, and returns its id.
Write = Callable[[str, Sequence[str], str], str]


@contextmanager
def written(store: Store) -> Iterator[Write]:
    """Yield what makes a commit, once; git starts meanwhile, so ask before the tree is known."""
    with git.started(
        *UNCOMPRESSED,
        *("hash-object", "-t", "commit", "-w", "--stdin"),
        doing="make a commit",
        git_dir=store.path,
    ) as finish:

        def write(tree: str, parents: Sequence[str], message: str) -> str:
            return finish(_content(store.path, tree, parents, message), (0,)).text

        yield write


def write(store: Store, tree: str, parents: Sequence[str], message: str) -> str:
    """Make a commit and return its id."""
    with written(store) as write_it:
        return write_it(tree, parents, message)


def _content(git_dir: Path, tree: str, parents: Sequence[str], message: str) -> bytes:
    """Return the commit as git stores it; git checks its form before it keeps it."""
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
