"""The home that a program in a sandbox has for its own."""

from pathlib import Path

from hephaestus_worker.git.config_text import content_settings
from hephaestus_worker.terminal import sandbox
from hephaestus_worker.terminal.private_files import delete, write_private
from hephaestus_worker.terminal.sandbox import Reach, own_home, own_tmp


def make_home(reach: Reach) -> None:
    """Make it anew, with the settings of git by which the person's files are stored."""
    delete(reach.own)
    sandbox.make_own(reach.own)
    write_private(own_home(reach.own) / ".gitconfig", content_settings())


def keep_home(reach: Reach) -> None:
    """Keep what an earlier command has left in it, such as packages and caches of a set-up.

    It is made if it is missing; its /tmp is made anew. None of its programs may run any more. Some
    agents can write to the folder that it is in, so a link there counts as none.
    """
    if not all(_is_folder(path) for path in (reach.own, own_home(reach.own))):
        make_home(reach)
        return
    delete(own_tmp(reach.own))
    own_tmp(reach.own).mkdir(mode=0o700)
    sandbox.clear_mount_points(reach)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
