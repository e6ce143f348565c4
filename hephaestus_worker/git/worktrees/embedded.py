"""Repositories that an agent has made inside its worktree, as `create-app` tools often do.

git would record such a folder as a pointer to a commit that exists nowhere else, and its files
would be lost with the worktree. Instead, this module saves its files like all others and keeps its
history in the mirror under refs/hephaestus/embedded/. Submodules that .gitmodules declares stay
pointers; the mirror keeps their new commits and their uncommitted files in the same way.

git never runs in such a repository, because its configuration is the agent's.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from hephaestus_core.contract.branch_names import check_branch
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import commits, regular_files
from hephaestus_worker.git.objects.object_store import ObjectStore
from hephaestus_worker.git.worktrees import agent_state, taking
from hephaestus_worker.git.worktrees.place import Place

_POINTER = "160000"
_POINTER_BYTES = 0o160000.to_bytes(4, "big")
_SHARED_INDEX = b"link"  # The index extension that keeps most entries in another file.
_MODULES_BYTES: Final = 1_000_000
_INDEX_BYTES: Final = 1_000_000_000
_LINK_BYTES: Final = 4_096


def absorb_pointers(place: Place) -> None:
    """Replace the pointers in the index by the files of the repositories."""
    found = [path for path in _pointers(place) if os.path.lexists(place.folder / path / ".git")]
    submodules = declared(place) if found else set()
    for path in found:
        if path in submodules:
            _keep_history(place, path)
            _keep_uncommitted(place, path)
        else:
            absorb(place, path, files_of(place, path))


def absorb(place: Place, path: str, files: Sequence[str]) -> None:
    """Put these files of an embedded repository into the index, and keep its history."""
    place.git("update-index", "--force-remove", "--", path, doing="save a repository")
    for repository in _repositories(place, path, files):
        _keep_history(place, repository)
    place.git(
        *("update-index", "-z", "--index-info"),
        doing=f"save the repository {path}",
        stdin=os.fsencode("".join(_entries(place, files))),
    )


def files_of(place: Place, path: str, options: Sequence[str] = ()) -> list[str]:
    """Return the files of a repository and of those within it, relative to the worktree.

    Files that the repository's rules or the worktree's rules ignore are left out.

    Args:
        place: the worktree.
        path: the repository's path in the worktree.
        options: further options for `git ls-files`.
    """
    files = list(_files(place, path, options))
    ignored = _ignored(place, files)
    return [name for name in files if name not in ignored]


def _pointers(place: Place) -> list[str]:
    if not _may_hold_pointers(place.index):
        return []
    listed = place.git("ls-files", "--stage", "-z", doing="list the files").stdout
    lines = os.fsdecode(listed).split("\0")
    return [line.split("\t", 1)[1] for line in lines if line.startswith(_POINTER)]


def _may_hold_pointers(index: Path) -> bool:
    """Search the index file for the mode of a pointer, without starting git."""
    content = index.read_bytes()
    return _POINTER_BYTES in content or _SHARED_INDEX in content


def declared(place: Place) -> set[str]:
    """Return the paths of submodules that .gitmodules declares."""
    content = regular_files.read(place.folder / ".gitmodules", _MODULES_BYTES)
    if content is None:
        return set()
    listed = place.git(
        *("config", "--file", "-", "--null", "--get-regexp", r"^submodule\..*\.path$"),
        doing="read .gitmodules",
        stdin=content,
        allowed=(0, 1, 3, 128),
    )
    return {entry.partition("\n")[2] for entry in os.fsdecode(listed.stdout).split("\0") if entry}


def _repositories(place: Place, path: str, files: Sequence[str]) -> list[str]:
    """Return the repository and those within it that contain any of these files."""
    folders = {folder for name in files for folder in PurePosixPath(name).parents}
    inner = {str(each) for each in folders if each.is_relative_to(path)} - {path}
    return [path, *sorted(each for each in inner if (place.folder / each / ".git").exists())]


def _files(place: Place, path: str, options: Sequence[str]) -> Iterator[str]:
    within = replace(place, folder=place.folder / path)
    new = (*options, "--others", "--exclude-standard", "-z")
    with _copied_index(within) as env:
        tracked = within.git("ls-files", "-z", doing="list the files", env=env, allowed=(0, 128))
        Path(env["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        others = within.git("ls-files", *new, doing="list the files", env=env)
    names = os.fsdecode(tracked.stdout + others.stdout).split("\0")
    for name in dict.fromkeys(filter(None, names)):
        inner = f"{path}/{name}".rstrip("/")
        if (place.folder / inner / ".git").exists():
            yield from _files(place, inner, options)
        elif os.path.lexists(place.folder / inner) and not _is_folder(place.folder / inner):
            yield inner


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


@contextmanager
def _copied_index(within: Place) -> Iterator[Mapping[str, str]]:
    """Yield the environment for a copy of the repository's index, or for none."""
    git_dir = _git_dir(within, within.folder)
    content = regular_files.read(git_dir / "index", _INDEX_BYTES) if git_dir else None
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        copy = Path(folder) / "index"
        if content is not None:
            copy.write_bytes(content)
        yield {"GIT_INDEX_FILE": str(copy)}


def _ignored(place: Place, files: list[str]) -> set[str]:
    """Return the files that the worktree's own rules ignore."""
    asked = place.git(
        *("check-ignore", "--no-index", "-z", "--stdin"),
        doing="ask for ignored files",
        # This command supports no literal paths; "./" makes a leading colon an ordinary character.
        env={"GIT_LITERAL_PATHSPECS": "0"},
        stdin=os.fsencode("".join(f"./{name}\0" for name in files)),
        allowed=(0, 1),
    )
    return {name.removeprefix("./") for name in os.fsdecode(asked.stdout).split("\0")}


def _entries(place: Place, files: Sequence[str]) -> Iterator[str]:
    regular = [name for name in files if not (place.folder / name).is_symlink()]
    listable = [name for name in regular if "\n" not in name]
    ids = place.git(
        *("hash-object", "-w", "--no-filters", "--stdin-paths"),
        doing="save the files of a repository",
        stdin=os.fsencode("".join(f"{place.folder / name}\n" for name in listable)),
    ).text.split()
    for name, object_id in zip(listable, ids, strict=True):
        mode = "100755" if os.access(place.folder / name, os.X_OK) else "100644"
        yield f"{mode} {object_id}\t{name}\0"
    for name in set(files) - set(listable):
        yield _single_entry(place, name)


def _single_entry(place: Place, name: str) -> str:
    file = place.folder / name
    if file.is_symlink():
        mode, content = "120000", os.fsencode(file.readlink())
    else:
        mode, content = "100755" if os.access(file, os.X_OK) else "100644", file.read_bytes()
    object_id = place.git(
        *("hash-object", "-w", "--stdin"), doing=f"save {name}", stdin=content
    ).text
    return f"{mode} {object_id}\t{name}\0"


def _keep_uncommitted(place: Place, path: str) -> None:
    """Keep the uncommitted files of a submodule in a ref of their own, beside its commits."""
    git_dir = _git_dir(place, place.folder / path)
    head = agent_state.RefFiles(git_dir).commit_in(git_dir / "HEAD") if git_dir else None
    store = ObjectStore(place.mirror)
    if git_dir is None or head is None or not taking.take_each(place, [head], git_dir / "objects"):
        return
    within = replace(place, folder=place.folder / path)
    doing = "save a submodule"
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as folder:
        env = {"GIT_INDEX_FILE": f"{folder}/index"}
        within.git("read-tree", head, doing=doing, env=env)
        changed = within.git(
            *("ls-files", "--modified", "--others", "--exclude-standard", "-z"),
            doing=doing,
            env=env,
        )
        within.git(
            *("update-index", "--add", "--remove", "--replace", "-z", "--stdin"),
            doing=doing,
            env=env,
            stdin=changed.stdout,
        )
        tree = within.git("write-tree", doing=doing, env=env).text
    if tree != store.tree_of(head):
        commit = commits.write(store, tree, [head], "Uncommitted")
        _update_refs(place, {f"{_kept(place, path)}/hephaestus/uncommitted": commit})


def _keep_history(place: Place, path: str) -> None:
    """Keep all commits of the repository in the mirror, so that they outlive the worktree."""
    git_dir = _git_dir(place, place.folder / path)
    if git_dir is None or git_dir.parent == place.admin.parent:
        return  # A worktree of the private repository, whose commits are kept with it.
    refs = agent_state.RefFiles(git_dir)
    found = {name.removeprefix("refs/"): commit for name, commit in refs.all().items()}
    if head := refs.commit_in(git_dir / "HEAD"):
        found["HEAD"] = head
    taken = taking.take_each(place, list(dict.fromkeys(found.values())), git_dir / "objects")
    kept = _kept(place, path)
    _update_refs(
        place,
        {f"{kept}/{name}": each for name, each in found.items() if each in taken and _fits(name)},
    )


def _fits(name: str) -> bool:
    try:
        check_branch(f"x/{name}")
    except RepositoryError:
        return False
    return True


def _kept(place: Place, path: str) -> str:
    key = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    return f"refs/hephaestus/embedded/{place.branch}/{key}"


def _update_refs(place: Place, refs: Mapping[str, str]) -> None:
    git.run(
        *("update-ref", "--stdin"),
        doing="keep the history of a repository",
        git_dir=place.mirror,
        stdin="".join(f"update {name} {commit}\n" for name, commit in refs.items()).encode(),
    )


def _git_dir(place: Place, folder: Path) -> Path | None:
    """Return the git folder of an embedded repository, unless it lies elsewhere on the machine."""
    dot_git = folder / ".git"
    if dot_git.is_dir() and not dot_git.is_symlink():
        return dot_git
    link = os.fsdecode(regular_files.read(dot_git, _LINK_BYTES) or b"").strip()
    if not link.startswith("gitdir: ") or "\0" in link:
        return None
    found = (folder / link.removeprefix("gitdir: ")).resolve()
    inside = (place.private.resolve(), place.folder.resolve())
    return found if any(found.is_relative_to(each) for each in inside) and found.is_dir() else None
