"""The file system of an agent in a sandbox: what it sees, and what of that it may write.

It sees the system read-only, a home and a /tmp of its own, its worktree, its repository and its
configuration. Nothing else exists for it: no other agent, no secret of the stack, no socket of tmux
or Docker. Paths are the same within and without.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_worker.terminal.private_files import delete

_SMALL: Final = 256 * 1024 * 1024
"""Most bytes of a folder in memory."""
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store")
_ETC: Final = (
    *("alternatives", "ca-certificates", "claude-code", "crypto-policies", "debian_version"),
    *("fonts", "gitattributes", "gitconfig", "group", "hosts", "java*", "ld.so.cache"),
    *("ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "npmrc", "nsswitch.conf"),
    *("os-release", "passwd", "perl", "php", "pip.conf", "pki", "protocols", "python3*"),
    *("redhat-release", "resolv.conf", "services", "ssl", "timezone"),
)
#: Keys of servers, which a worker that runs as root could read.
_CLOSED: Final = ("/etc/pki/tls/private", "/etc/ssl/private")
_NAMESPACES: Final = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--die-with-parent", "--cap-drop", "ALL"),
)
_HOME: Final = "home"
_TMP: Final = "tmp"
_READ, _WRITE, _LOCK = "--ro-bind-try", "--bind-try", "--ro-bind"
_HIDE, _OWN = "--tmpfs", "--bind"


@dataclass(frozen=True)
class Reach:
    """What one agent may reach beside the system.

    Args:
        own: its own folder, made by :func:`make_own`; its home and /tmp are in it.
        home: the person's home, in whose place its own stands.
        working_directory: where the program starts.
        readable: files and folders that it may read; those that do not exist are left out.
        writable: those that it may change as well.
        locked: files that it may not change although they are in a writable folder.
        hidden: folders of which it sees only what these name, even if they are in a readable one.
    """

    own: Path
    home: Path
    working_directory: Path
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    locked: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()


def own_home(own: Path) -> Path:
    """Return the folder that is an agent's home."""
    return own / _HOME


def own_tmp(own: Path) -> Path:
    """Return the folder that is an agent's /tmp."""
    return own / _TMP


def make_own(own: Path) -> None:
    """Make the empty folders of an agent's own.

    They are on the disk, because a build may write gigabytes there.
    """
    for folder in (own, own_home(own), own_tmp(own)):
        folder.mkdir(mode=0o700)


def clear_mount_points(reach: Reach) -> None:
    """Delete what a program has left in its home where something is mounted at the next start.

    bubblewrap would follow a link there, and make folders and files outside the sandbox.
    """
    for path in (*reach.readable, *reach.writable, *reach.hidden, *reach.locked):
        if path.is_relative_to(reach.home):
            _clear(own_home(reach.own), path.relative_to(reach.home), is_folder=path.is_dir())


def _clear(home: Path, point: Path, *, is_folder: bool) -> None:
    for part in (*reversed(point.parents), point):
        found = home / part
        wanted = is_folder or part != point
        if found.is_symlink() or (found.exists() and found.is_dir() != wanted):
            delete(found)


def arguments(reach: Reach, *, old: bool = False) -> tuple[str, ...]:
    """Return the command that runs the program put behind it in a sandbox of this reach.

    Args:
        old: for bubblewrap before 0.8, which can neither forbid further namespaces within nor
            bound folders in memory.
    """
    return (
        "bwrap",
        *_NAMESPACES,
        *(() if old else ("--disable-userns",)),
        *_system(own_tmp(reach.own), () if old else ("--size", str(_SMALL))),
        *_bound(reach),
        *("--remount-ro", "/"),
        *("--chdir", str(reach.working_directory)),
        "--",
    )


def _system(tmp: Path, bound: tuple[str, ...]) -> Iterator[str]:
    for folder in _SYSTEM:
        if Path(folder).is_symlink():
            yield from ("--symlink", str(Path(folder).readlink()), folder)
        else:
            yield from (_READ, folder, folder)
    yield from ("--proc", "/proc", "--dev", "/dev")
    for memory, mode in (("/dev/shm", "1777"), ("/run", "0755")):  # noqa: S108 - the sandbox's own
        yield from (*bound, "--perms", mode, "--tmpfs", memory)
    for folder in ("/tmp", "/var/tmp"):  # noqa: S108 - the sandbox's own
        yield from (_OWN, str(tmp), folder)
    for name in sorted(path for pattern in _ETC for path in Path("/etc").glob(pattern)):
        yield from (_READ, str(name), str(name))
    for folder in _CLOSED:
        if Path(folder).is_dir():
            yield from ("--perms", "0700", "--tmpfs", folder)


def _bound(reach: Reach) -> Iterator[str]:
    ways = dict.fromkeys(reach.readable, _READ)
    ways |= dict.fromkeys(reach.hidden, _HIDE) | dict.fromkeys(reach.writable, _WRITE)
    ways |= {reach.home: _OWN} | dict.fromkeys(reach.locked, _LOCK)
    placed = dict.fromkeys(map(Path, _SYSTEM), _READ)
    # Folders before what is in them, which would be hidden otherwise.
    for path in sorted(ways, key=lambda path: len(path.parts)):
        if path.is_absolute() and path.parent != path and _is_needed(path, ways[path], placed):
            yield from _mount(path, ways[path], own_home(reach.own))
            placed[path] = ways[path]
    for path in reach.hidden:
        if placed.get(path) == _HIDE:
            yield from ("--remount-ro", str(path))


def _is_needed(path: Path, way: str, placed: Mapping[Path, str]) -> bool:
    """Say whether a path has to be mounted, after what is placed already.

    bubblewrap follows links on the way to where it mounts, so it is led nowhere without need.
    """
    above = next((placed[each] for each in path.parents if each in placed), None)
    if way == _READ:
        return path not in placed and above not in {_READ, _WRITE}
    return way != _HIDE or above in {_READ, _WRITE}


def _mount(path: Path, way: str, home: Path) -> tuple[str, ...]:
    if way == _HIDE:
        return ("--perms", "0700", _HIDE, str(path))
    if way == _OWN:
        return (_OWN, str(home), str(path))
    if path.is_relative_to("/dev"):
        return ("--dev-bind-try", str(path), str(path))
    return (way, str(path), str(path))
