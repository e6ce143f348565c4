"""The file system of an agent in a sandbox: what it sees, and what of that it may write.

It sees the system read-only, an empty home and an empty /tmp of its own, its worktree, its
repository and its configuration. Nothing else exists for it: no other agent, no secret of the
stack, no socket of tmux or Docker. Paths are the same within and without.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SHARED_MEMORY: Final = 256 * 1024 * 1024
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store")
_ETC: Final = (
    *("alternatives", "ca-certificates", "gitconfig", "group", "hosts", "ld.so.cache"),
    *("localtime", "nsswitch.conf", "passwd", "pki", "resolv.conf", "ssl"),
)
_OWN: Final = ("/tmp", "/run", "/var/tmp")  # noqa: S108 - empty folders of the sandbox
_NAMESPACES: Final = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--disable-userns", "--die-with-parent", "--cap-drop", "ALL"),
)


@dataclass(frozen=True)
class Reach:
    """What one agent may reach beside the system.

    Args:
        home: replaced by an empty folder.
        working_directory: where the program starts.
        readable: files and folders that it may read; those that do not exist are left out.
        writable: those that it may change as well.
    """

    home: Path
    working_directory: Path
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()


def arguments(reach: Reach) -> tuple[str, ...]:
    """Return the command that runs the program put behind it in a sandbox of this reach."""
    return (
        "bwrap",
        *_NAMESPACES,
        *_folders(reach),
        *_bound(reach),
        "--chdir",
        str(reach.working_directory),
        "--",
    )


def program_folders(program: str, search_path: str) -> tuple[Path, ...]:
    """Return the folders that a program needs: those of the search path, and its own.

    A package of npm is needed whole, with what is installed beside it.
    """
    found = shutil.which(program, path=search_path)
    searched = [Path(folder) for folder in search_path.split(os.pathsep) if folder]
    if found is None:
        return tuple(searched)
    place = Path(found).resolve()
    packages = [folder for folder in place.parents if folder.name == "node_modules"]
    return (*searched, packages[-1] if packages else place.parent)


def _folders(reach: Reach) -> Iterator[str]:
    for folder in _SYSTEM:
        if Path(folder).is_symlink():
            yield from ("--symlink", str(Path(folder).readlink()), folder)
        else:
            yield from ("--ro-bind-try", folder, folder)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm")  # noqa: S108
    for folder in _OWN:
        yield from ("--perms", "1777", "--tmpfs", folder)
    yield from ("--perms", "0700", "--tmpfs", str(reach.home))
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def _bound(reach: Reach) -> Iterator[str]:
    ways = {path: "--ro-bind-try" for path in reach.readable if _is_apart(path, reach.home)}
    ways |= dict.fromkeys(reach.writable, "--bind-try")
    # Folders before what is in them, which would be hidden otherwise.
    for path in sorted(ways, key=lambda path: len(path.parts)):
        yield from (ways[path], str(path), str(path))


def _is_apart(path: Path, home: Path) -> bool:
    """Say whether a path is neither in the system, which is there, nor above the person's home."""
    in_system = any(path.is_relative_to(folder) for folder in _SYSTEM)
    return path.is_absolute() and not in_system and not home.is_relative_to(path)
