"""Moving the files that are in no commit to a folder of the host."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_worker.git.worktrees import new_files, refused, weighing
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.git.worktrees.new_files import NewFiles, Rules
from hephaestus_worker.git.worktrees.place import Place


def set_aside(worktree: Path, target: Path, rules: Rules, left_out: Sequence[LeftOut] = ()) -> None:
    """Move the files that were left out to `target`, so that `worktree` may go.

    Those that are too much for one commit are found anew; `left_out` names those git refused.

    Files already in `target` stay. A repeated call completes an interrupted one.

    Raises:
        RepositoryError: a file cannot be moved.
    """
    place = worktree_place.at(worktree)
    new = new_files.find(place, rules)
    try:
        for path in _in_one_piece(place, new):
            _move_into(place.folder / path, target / path)
        refused.set_aside(place, target, [each.path for each in left_out if each.reason])
    except OSError as error:
        raise RepositoryError(
            f"The files in {worktree} that were left out cannot be moved to {target}:"
            f" {error}. Give this host's user the right to move them, or free disk space there."
        ) from error


def _in_one_piece(place: Place, new: NewFiles) -> Iterator[str]:
    """Yield the paths left out: a folder without tracked files whole, else its single files."""
    listed = place.git("ls-files", "-z", doing="list files").stdout
    tracked = os.fsdecode(listed).split("\0")
    shared = {"./", *(folder for path in tracked for folder in weighing.folders_of(path))}
    whole = [left for left in new.left_out if left.path not in shared]
    yield from (left.path.removesuffix("/") for left in whole)
    yield from sorted(set(new.too_heavy) - weighing.lying_in(new.too_heavy, whole))


def _move_into(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink() and target.is_dir():
        for each in source.iterdir():
            _move_into(each, target / each.name)
        source.rmdir()
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.move(source, target)
