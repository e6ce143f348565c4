"""The ignore rules that the user keeps outside of .gitignore; they count for agents' files, too."""

import os
import tempfile
from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git.config_text import path_setting

_HEAD = b"# Copied from the user's own ignore rules at each start of an agent.\n"


def of_user() -> bytes:
    """Return the rules that this host's user has for all repositories.

    Raises:
        RepositoryError: the file with the rules cannot be read.
    """
    return _read(_excludes_file(None, Path("/")))


def of_clone(git_dir: Path, folder: Path) -> bytes:
    """Return the rules that count in this clone; as for git, a later rule outranks an earlier one.

    Args:
        git_dir: the clone's own git folder.
        folder: where its files are; a setting may name a file relative to it.

    Raises:
        RepositoryError: a file with rules cannot be read.
    """
    return _read(_excludes_file(git_dir, folder)) + _read(git_dir / "info" / "exclude")


def _excludes_file(git_dir: Path | None, folder: Path) -> Path:
    found = path_setting("core.excludesFile", git_dir)
    if found is not None:
        return folder / found
    settings = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return Path(settings) / "git" / "ignore"


def _read(file: Path) -> bytes:
    try:
        rules = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise RepositoryError(
            f"The ignore rules in {file} cannot be read: {error.strerror}. Files that they keep "
            "out would be committed. Give this host's user the right to read them."
        ) from error
    return rules if rules.endswith(b"\n") or not rules else rules + b"\n"


def put(mirror: Path, rules: bytes) -> None:
    """Make these the rules of a mirror, in one step."""
    file = mirror / "info" / "exclude"
    content = _HEAD + rules
    if file.is_file() and file.read_bytes() == content:
        return
    file.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".exclude-", delete=False) as partial:
        partial.write(content)
    Path(partial.name).replace(file)
