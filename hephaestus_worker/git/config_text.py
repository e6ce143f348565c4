"""Settings of git that are read again and again, and the text of its configuration files."""

import os
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from hephaestus_worker.git import command as git

#: Settings of a person that change which bytes are committed, and by whom. All others may hold
#: logins, run programs or need keys, such as `url`, `http`, `credential` and `commit.gpgSign`.
_OF_CONTENT: Final = ("core.autocrlf", "core.eol", "filter.", "user.email", "user.name")
#: Seconds for which a reading holds while the files are the same: the system has settings too, and
#: a file may include another.
_FRESH_SECONDS: Final = 30
_Stamp = tuple[str, int, int, int]


def content_settings() -> str:
    """Return the settings of this host's user that decide on the content of commits.

    A change in a file that the user's own settings include counts after half a minute at most.
    """
    return _content_settings(tuple(map(_stamp, _global_files())), _period())


def path_setting(name: str, git_dir: Path | None) -> str | None:
    """Return a setting that names a path, None if it is not set.

    A change of the system's settings or of an included file counts after half a minute at most.

    Args:
        name: such as ``core.excludesFile``.
        git_dir: of the repository whose settings count too; None: those of the user alone.
    """
    files = [*_global_files(), *([git_dir / "config"] if git_dir else [])]
    return _path_setting(name, git_dir, tuple(map(_stamp, files)), _period())


def _period() -> int:
    return int(time.monotonic() / _FRESH_SECONDS)


def _stamp(file: Path) -> _Stamp:
    """Return what changes when a file does: it is written, replaced or deleted."""
    try:
        found = file.stat()
    except OSError:
        return str(file), 0, 0, 0
    return str(file), found.st_ino, found.st_mtime_ns, found.st_size


def _global_files() -> list[Path]:
    """Return the files that `git config --global` reads."""
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    if named is not None:
        return [Path(named)]
    home = Path(os.environ.get("HOME", "/"))
    above = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return [above / "git" / "config", home / ".gitconfig"]


@lru_cache(maxsize=4)
def _content_settings(files: tuple[_Stamp, ...], period: int) -> str:  # noqa: ARG001 - keys
    listed = git.run(
        *("config", "--global", "--includes", "--null", "--list"),
        doing="read the settings of this user's git",
        allowed=(0, 128),  # 128: there are none
    )
    return "".join(_entries(listed.text.split("\0")))


@lru_cache(maxsize=256)
def _path_setting(
    name: str,
    git_dir: Path | None,
    files: tuple[_Stamp, ...],  # noqa: ARG001 - a key
    period: int,  # noqa: ARG001 - a key
) -> str | None:
    found = git.run(
        *("config", "--type=path", "--get", name),
        doing=f"read the setting {name}",
        git_dir=git_dir,
        allowed=(0, 1),
    )
    return found.text if found.status == 0 else None


def _entries(found: list[str]) -> Iterator[str]:
    for each in found:
        key, is_set, value = each.partition("\n")
        if key.startswith(_OF_CONTENT):
            section, _, rest = key.partition(".")
            sub, _, name = rest.rpartition(".")
            head = f"[{section} {quoted(sub)}]" if sub else f"[{section}]"
            yield f"{head}\n\t{name} = {quoted(value if is_set else 'true')}\n"


def quoted(value: str) -> str:
    """Return a value, or the middle part of a key, as it stands in a file."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
