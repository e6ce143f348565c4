"""Checks submodules out in a new worktree, before an agent has worked in it."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import regular_files
from hephaestus_worker.git.origins import submodules
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.origins.submodule_urls import Declared, Unusable, is_safe
from hephaestus_worker.git.worktrees import place as worktree_place

_POINTER: Final = "160000"
_DEEPEST: Final = 5


@dataclass(frozen=True)
class Empty:
    """A submodule whose folder stays empty, and why: the middle of a sentence."""

    path: str
    reason: str


def check_out_submodules(
    worktree: Path, mirror: Mirror, *, base_branch: str, wanted: bool
) -> list[Empty]:
    """Check out the submodules of a worktree; return those that stay empty. Safe to repeat.

    Each gets a git folder within the attempt's private repository, where git itself would put it,
    and borrows its objects from the mirror. Folders that are not empty stay as they are. No agent
    may have worked here yet.

    Args:
        base_branch: the user's branch; a submodule that it does not declare was added by agents,
            who must not have a host ask servers for them.
        wanted: otherwise all of them stay empty.
    """
    place = worktree_place.at(worktree)
    return check_out_at(
        place.folder, place.admin, mirror, place.tip(), base_branch=base_branch, wanted=wanted
    )


def check_out_at(
    worktree: Path, admin: Path, mirror: Mirror, commit: str, *, base_branch: str, wanted: bool
) -> list[Empty]:
    """Check out the submodules of any worktree at a commit; see :func:`check_out_submodules`.

    Args:
        admin: git's own folder for the worktree, in a private repository.
    """
    pointers = _pointers(mirror, commit, submodules.declared(mirror.path, commit))
    if not pointers:
        return []
    if not wanted:
        return [Empty(each.path, "git.submodules is off on this host") for each, _ in pointers]
    known = set(submodules.declared(mirror.path, mirror.resolve(base_branch)))
    own = [(each, pointer) for each, pointer in pointers if each in known]
    added = [each for each, _ in pointers if each not in known]
    reason = f"branch '{base_branch}' does not have it yet"
    top = _Level(mirror, worktree, admin, submodules.true_origin(mirror))
    return [
        *(Empty(each.path, reason) for each in added),
        *_check_out(top, own),
    ]


@dataclass(frozen=True)
class _Level:
    """A repository in the worktree whose submodules are checked out."""

    mirror: Mirror
    folder: Path
    git_dir: Path
    origin: str
    above: str = ""
    depth: int = 0


def _check_out(level: _Level, pointers: Sequence[tuple[Declared, str]]) -> Iterator[Empty]:
    for submodule, commit in pointers:
        path = f"{level.above}{submodule.path}"
        try:
            url = submodules.fetch(level.mirror, submodule, commit, level.origin)
            folder, git_dir = _lay(level, submodule, commit, url)
        except Unusable as error:
            yield Empty(path, str(error))
        except (RepositoryError, OSError) as error:
            yield Empty(path, error.message if isinstance(error, RepositoryError) else str(error))
        else:
            below = _Level(level.mirror, folder, git_dir, url, f"{path}/", level.depth + 1)
            yield from _check_out_below(below, commit)


def _check_out_below(level: _Level, commit: str) -> Iterator[Empty]:
    found = submodules.declared(level.mirror.path, commit)
    pointers = _pointers(level.mirror, commit, found) if found else []
    if level.depth < _DEEPEST:
        yield from _check_out(level, pointers)
    else:
        yield from (
            Empty(f"{level.above}{each.path}", "it is nested too deep") for each, _ in pointers
        )


def _pointers(mirror: Mirror, commit: str, found: Sequence[Declared]) -> list[tuple[Declared, str]]:
    """Return the submodules that the tree of a commit points to, with their commits."""
    paths = [each.path for each in found if is_safe(each.path)]
    if not paths:
        return []
    listed = git.run(
        *("ls-tree", "-z", "--full-tree", commit, "--", *paths),
        doing=f"read the submodules of {commit[:12]}",
        git_dir=mirror.path,
    )
    entries = (entry.partition("\t") for entry in os.fsdecode(listed.stdout).split("\0"))
    commits = {path: facts.split()[-1] for facts, _, path in entries if facts.startswith(_POINTER)}
    return [(each, commits[each.path]) for each in found if each.path in commits]


def _lay(level: _Level, submodule: Declared, commit: str, url: str) -> tuple[Path, Path]:
    """Check out one submodule; return its folder and its git folder."""
    folder = level.folder / submodule.path
    git_dir = level.git_dir / "modules" / submodule.name
    link = f"gitdir: {git_dir}\n"
    if not folder.resolve().is_relative_to(level.folder.resolve()) or not folder.is_dir():
        raise Unusable("its path is no folder of the worktree")
    if any(folder.iterdir()) and regular_files.read(folder / ".git", 4096) != os.fsencode(link):
        raise Unusable("its folder is not empty")
    if (git_dir / "index").exists():
        return folder, git_dir
    _make_git_dir(level, git_dir, folder, commit, url)
    (folder / ".git").write_text(link)
    git.run(
        # It writes the index last, which shows that the submodule is whole.
        *("read-tree", "--reset", "-u", commit),
        doing=f"check out the submodule {folder}",
        git_dir=git_dir,
        work_tree=folder,
        timeout=git.BULK,
    )
    key = f"submodule.{submodule.name}.url"
    git.run("config", key, url, doing=f"set up the submodule {folder}", git_dir=level.git_dir)
    return folder, git_dir


def _make_git_dir(level: _Level, git_dir: Path, folder: Path, commit: str, url: str) -> None:
    for name in ("objects/info", "objects/pack", "refs/heads", "info"):
        (git_dir / name).mkdir(parents=True, exist_ok=True)
    (git_dir / "HEAD").write_text(f"{commit}\n")
    (git_dir / "objects/info/alternates").write_text(f"{level.mirror.path / 'objects'}\n")
    (git_dir / "config").write_text("[core]\n\tbare = false\n")
    name, mail = _identity(level.mirror.path)
    settings = {
        "core.worktree": str(folder),
        "user.name": name,
        "user.email": mail,
        "gc.auto": "0",
        "maintenance.auto": "false",
        "remote.origin.url": url,
        "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
    }
    for key, value in settings.items():
        git.run("config", key, value, doing=f"set up the submodule {folder}", git_dir=git_dir)


@lru_cache(maxsize=64)
def _identity(mirror: Path) -> tuple[str, str]:
    who = git.run("var", "GIT_COMMITTER_IDENT", doing="read who commits", git_dir=mirror).text
    name, _, rest = who.partition(" <")
    return name, rest.partition(">")[0]


def note(left: Sequence[Empty]) -> str:
    """Return the part of an agent's prompt that names the empty submodules; "" without any."""
    if not left:
        return ""
    lines = "".join(f"- `{each.path}`: {each.reason.rstrip('.')}.\n" for each in left)
    return (
        "\n## Submodules\nThese submodules are empty folders in your worktree, because their files "
        f"could not be had here. Do not put files there.\n{lines}"
    )
