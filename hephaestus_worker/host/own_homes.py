"""The home that a program in a sandbox has for its own."""

from pathlib import Path

from hephaestus_worker.git.config_text import content_settings
from hephaestus_worker.terminal.private_files import delete, write_private
from hephaestus_worker.terminal.sandbox import make_own, own_home


def make_home(own: Path) -> None:
    """Make it anew, with the settings of git by which the person's files are stored."""
    delete(own)
    make_own(own)
    write_private(own_home(own) / ".gitconfig", content_settings())
