"""The installed tools that an agent in a sandbox needs: what its PATH names, and its own program.

A folder of PATH alone is not enough. Tools are links to their installation, and find their
libraries beside them.
"""

import os
import shutil
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

#: Folders of the system's package manager; all that they link to is in the system as well.
_PACKAGED: Final = frozenset({"/bin", "/sbin", "/usr/bin", "/usr/sbin"})
#: Where version managers keep what their entries in PATH start; none of these holds a login.
_IN_HOME: Final = (
    *(".asdf", ".bun/install", ".elan", ".gem/ruby", ".ghcup", ".juliaup", ".julia/juliaup"),
    *(".nodenv", ".nvm", ".pyenv", ".rbenv", ".rustup", ".sdkman/candidates", ".volta"),
    *(".local/lib", ".local/pipx", ".local/share/fnm", ".local/share/gem/ruby"),
    *(".local/share/mise", ".local/share/pipx", ".local/share/uv/python"),
    ".local/share/uv/tools",
)
#: Seconds for which the tools that were found count.
_FRESH_SECONDS: Final = 60
#: It holds logins and keyrings beside the programs of a person.
_SHARED: Final = ".local"
_MODULES: Final = "node_modules"
_SHIMS: Final = "shims"


def tools(program: str, search_path: str, home: Path) -> tuple[Path, ...]:
    """Return the files and folders that the program, and all commands of the path, consist of.

    They are found anew once a folder of the path has changed, and each minute.
    """
    searched = tuple(Path(each) for each in search_path.split(os.pathsep) if each.startswith("/"))
    found = shutil.which(program, path=search_path)
    period = int(time.monotonic() / _FRESH_SECONDS)
    resolved = Path(found).resolve() if found else None
    return _found(resolved, searched, tuple(map(_changed_at, searched)), home, period)


def _changed_at(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _found(
    program: Path | None,
    searched: tuple[Path, ...],
    changed_at: tuple[int, ...],  # noqa: ARG001 - a key
    home: Path,
    period: int,  # noqa: ARG001 - a key
) -> tuple[Path, ...]:
    own = _installation(program, home, alone=False) if program else None
    return tuple(
        dict.fromkeys(
            (
                *(path for folder in searched for path in _of_folder(folder, home)),
                *([own] if own else ()),
                *(home / name for name in _IN_HOME),
            )
        )
    )


def _of_folder(folder: Path, home: Path) -> Iterator[Path]:
    """Return a folder of PATH, the installation that it belongs to, and those that it links to."""
    if str(folder) in _PACKAGED:
        return
    yield folder
    if _is_installation(folder.parent, home) or _is_managed(folder, home):
        yield folder.parent
    try:
        links = [Path(entry) for entry in os.scandir(folder) if entry.is_symlink()]
    except OSError:
        return
    for link in links:
        yield _installation(link.resolve(), home, alone=True)


def _installation(program: Path, home: Path, *, alone: bool) -> Path:
    """Return the folder that a program is installed in.

    Args:
        alone: without a sign of an installation, take the file alone for it, else its folder.
    """
    packages = [folder for folder in program.parents if folder.name == _MODULES]
    if packages:
        # With what is installed beside it.
        return packages[-1]
    if _is_installation(program.parent.parent, home):
        return program.parent.parent
    return program if alone or _is_home(program.parent, home) else program.parent


def _is_installation(folder: Path, home: Path) -> bool:
    """Say whether a folder that has a `bin` is the root of one installation."""
    return not _is_home(folder, home) and folder != home / _SHARED and (folder / "lib").is_dir()


def _is_managed(folder: Path, home: Path) -> bool:
    """Say whether a folder of PATH is that of a version manager, such as pyenv or asdf."""
    return folder.name == _SHIMS and not _is_home(folder.parent, home)


def _is_home(folder: Path, home: Path) -> bool:
    return home.is_relative_to(folder)
