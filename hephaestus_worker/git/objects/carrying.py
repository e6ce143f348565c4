"""Carries git objects from one repository on this machine to another.

A push between two folders starts seven processes. The objects of a branch that has just been
made are a few dozen small files that never change, so a hard link to each does the same work.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.object_store import borrow, object_path

# Above this a pack is both faster and kinder to the repository that receives the objects.
_MOST_LINKS = 1000


def carry(source: Path, target: Path, commit: str, *, known: Sequence[str]) -> None:
    """Put the commit and all it needs into the repository `target`, without touching a ref.

    Args:
        source: git folder that has the commit.
        target: git folder that receives it.
        known: rev-list options for the commits that `target` has completely, e.g. ("--branches",).

    Raises:
        GitError: the objects cannot be read or written.
    """
    borrowed = borrow(source / "objects")
    listed = git.run(
        *("rev-list", "--objects", "--no-object-names", commit, "--not", *known),
        doing=f"list what {target} lacks of {commit[:12]}",
        git_dir=target,
        env=borrowed,
        timeout=git.NETWORK,
    )
    # rev-list names a commit before the objects that it needs. Linked from the back, every object
    # arrives after its needs, so an interruption leaves no broken history.
    ids = listed.text.split()[::-1]
    if len(ids) > _MOST_LINKS or not _link_all(source, target, ids):
        _pack(target, ids, borrowed)


def _link_all(source: Path, target: Path, ids: Sequence[str]) -> bool:
    """Link these objects in this order; False if the source keeps one of them in a pack."""
    try:
        for object_id in ids:
            link(
                object_path(source / "objects", object_id),
                object_path(target / "objects", object_id),
            )
    except FileNotFoundError:
        return False
    return True


def link(source: Path, target: Path) -> None:
    """Link the file of one object to another folder, unless it is there already."""
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except FileNotFoundError:
        if target.parent.is_dir():
            raise
        target.parent.mkdir(exist_ok=True)
        link(source, target)
    except OSError:
        _copy(source, target)  # another file system, or one that forbids links to foreign files


def _copy(source: Path, target: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix="tmp_obj_", delete=False) as file:
        file.write(source.read_bytes())
    shutil.copystat(source, file.name)
    Path(file.name).replace(target)


def _pack(target: Path, ids: Sequence[str], borrowed: dict[str, str]) -> None:
    git.run(
        *("pack-objects", "-q", str(target / "objects" / "pack" / "pack")),
        doing=f"copy {len(ids)} objects to {target}",
        git_dir=target,
        stdin="".join(f"{object_id}\n" for object_id in ids).encode(),
        env=borrowed,
        timeout=git.BULK,
    )
