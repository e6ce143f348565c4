"""Repositories that an agent has made inside its worktree, as `create-app` tools often do.

git would record such a folder as a pointer to a commit that exists nowhere else, and its files
would be lost with the worktree. Instead, this module saves its files like all others and keeps its
history in the mirror under refs/hephaestus/embedded/. Submodules that .gitmodules declares stay
pointers; the mirror keeps their new commits and their uncommitted files in the same way.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins import checkouts
from hephaestus_worker.git.worktrees.place import Place

_IDENTITY = ("-c", "user.name=Hephaestus", "-c", "user.email=hephaestus@localhost")
_POINTER = "160000"
_POINTER_BYTES = 0o160000.to_bytes(4, "big")
_SHARED_INDEX = b"link"  # The index extension that keeps most entries in another file.


def absorb_pointers(place: Place, env: Mapping[str, str]) -> bool:
    """Replace the pointers in the index by the repositories' files; return whether any was found.

    `env` names the index.
    """
    found = [path for path in _pointers(place, env) if (place.folder / path / ".git").exists()]
    submodules = declared(place) if found else set()
    for path in found:
        if path in submodules:
            _commit_aside(place, path)
            _keep_history(place, path)
        else:
            absorb(place, env, path, files_of(place, env, path))
    return bool(found)


def absorb(place: Place, env: Mapping[str, str], path: str, files: Sequence[str]) -> None:
    """Put these files of an embedded repository into the index, and keep its history."""
    place.git("update-index", "--force-remove", "--", path, doing="save a repository", env=env)
    for repository in _repositories(place, path, files):
        _keep_history(place, repository)
    place.git(
        *("update-index", "-z", "--index-info"),
        doing=f"save the repository {path}",
        env=env,
        stdin=os.fsencode("".join(_entries(place, files))),
    )


def files_of(
    place: Place, env: Mapping[str, str], path: str, options: Sequence[str] = ()
) -> list[str]:
    """Return the files of a repository and of those within it, relative to the worktree.

    Files that the repository's rules or the worktree's rules ignore are left out.

    Args:
        place: the worktree.
        env: names the index.
        path: the repository's path in the worktree.
        options: further options for `git ls-files`.
    """
    files = list(_files(place, path, options))
    ignored = _ignored(place, env, files)
    return [name for name in files if name not in ignored]


def _pointers(place: Place, env: Mapping[str, str]) -> list[str]:
    if not _may_hold_pointers(Path(env.get("GIT_INDEX_FILE", place.admin / "index"))):
        return []
    listed = place.git("ls-files", "--stage", "-z", doing="list the files", env=env).stdout
    lines = os.fsdecode(listed).split("\0")
    return [line.split("\t", 1)[1] for line in lines if line.startswith(_POINTER)]


def _may_hold_pointers(index: Path) -> bool:
    """Search the index file for the mode of a pointer, without starting git."""
    content = index.read_bytes()
    return _POINTER_BYTES in content or _SHARED_INDEX in content


def declared(place: Place) -> set[str]:
    """Return the paths of submodules that .gitmodules declares."""
    file = place.folder / ".gitmodules"
    if not file.is_file():
        return set()
    listed = place.git(
        *("config", "--file", str(file), "--null", "--get-regexp", r"^submodule\..*\.path$"),
        doing="read .gitmodules",
        allowed=(0, 1, 128),
    )
    return {entry.partition("\n")[2] for entry in os.fsdecode(listed.stdout).split("\0") if entry}


def _repositories(place: Place, path: str, files: Sequence[str]) -> list[str]:
    """Return the repository and those within it that contain any of these files."""
    folders = {folder for name in files for folder in PurePosixPath(name).parents}
    inner = {str(each) for each in folders if each.is_relative_to(path)} - {path}
    return [path, *sorted(each for each in inner if (place.folder / each / ".git").exists())]


def _files(place: Place, path: str, options: Sequence[str]) -> Iterator[str]:
    folder = place.folder / path
    listed = git.run(
        *("ls-files", *options, "--cached", "--others", "--exclude-standard", "-z"),
        doing=f"list the files of {folder}",
        git_dir=_git_dir(folder),
        work_tree=folder,
        timeout=git.BULK,
    )
    for name in dict.fromkeys(os.fsdecode(listed.stdout).split("\0")):
        inner = f"{path}/{name}".rstrip("/")
        if name and (place.folder / inner / ".git").exists():
            yield from _files(place, inner, options)
        elif name and os.path.lexists(place.folder / inner):
            yield inner


def _ignored(place: Place, env: Mapping[str, str], files: list[str]) -> set[str]:
    """Return the files that the worktree's own rules ignore."""
    asked = place.git(
        *("check-ignore", "--no-index", "-z", "--stdin"),
        doing="ask for ignored files",
        # This command supports no literal paths; "./" makes a leading colon an ordinary character.
        env={**env, "GIT_LITERAL_PATHSPECS": "0"},
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


def _commit_aside(place: Place, path: str) -> None:
    """Commit the uncommitted files of a submodule to a ref of its own, beside its branch."""
    folder = place.folder / path
    repository = _git_dir(folder)
    if not _has_commit(repository):
        return
    with tempfile.TemporaryDirectory(prefix="hephaestus-index-") as spare:
        run = partial(
            git.run,
            doing=f"save the submodule {folder}",
            git_dir=repository,
            work_tree=folder,
            env={"GIT_INDEX_FILE": f"{spare}/index"},
            timeout=git.BULK,
        )
        run("read-tree", "HEAD")
        run("add", "--all", "--ignore-errors", allowed=(0, 1))
        tree = run("write-tree").text
    if tree != run("rev-parse", "HEAD^{tree}").text:
        commit = run(*_IDENTITY, "commit-tree", tree, "-p", "HEAD", "-m", "Uncommitted").text
        run("update-ref", "refs/hephaestus/uncommitted", commit)


def _keep_history(place: Place, path: str) -> None:
    """Fetch all commits of the repository into the mirror, so that they outlive the worktree."""
    source = _git_dir(place.folder / path)
    if source.is_relative_to(place.mirror) and "modules" not in source.parts:
        return  # It is a worktree of the mirror itself.
    key = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    kept = f"refs/hephaestus/embedded/{place.branch}/{key}"
    refspecs = [f"+refs/*:{kept}/*"]
    if _has_commit(source):
        refspecs.append(f"+HEAD:{kept}/HEAD")
    git.run(
        *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"),
        *("--no-recurse-submodules", "--", str(source), *refspecs),
        doing=f"keep the history of {place.folder / path}",
        git_dir=place.mirror,
        timeout=git.BULK,
    )


def _has_commit(git_dir: Path) -> bool:
    asked = git.run(
        *("rev-parse", "--verify", "--quiet", "HEAD"),
        doing=f"read {git_dir}",
        git_dir=git_dir,
        allowed=(0, 1, 128),
    )
    return asked.status == 0


def _git_dir(folder: Path) -> Path:
    dot_git = folder / ".git"
    return dot_git if dot_git.is_dir() else checkouts.git_folder_of(dot_git)
