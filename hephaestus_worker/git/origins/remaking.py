"""A mirror that somebody has deleted or damaged: recognised, and what is left of it kept."""

import os
from collections.abc import Iterator
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import carrying

#: Folders of a mirror that no copy of the origin brings back.
_OWN_FOLDERS = ("worktrees", "lfs")
_TEMPORARY = "tmp_"


def is_whole(mirror: Path) -> bool:
    """Return whether git takes the folder for a repository with objects.

    Quick, because it is asked before each use: it reads names, and no object.
    """
    try:
        head = (mirror / "HEAD").read_text()
    except (OSError, UnicodeDecodeError):
        return False
    valid = head.startswith("ref: refs/") or git.is_commit_id(head.strip())
    parts = (mirror / "refs").is_dir() and (mirror / "config").is_file()
    return valid and parts and any(_object_files(mirror / "objects"))


def keep_remains(damaged: Path, new: Path) -> None:
    """Bring what a damaged mirror still has to the new copy: objects, refs, worktrees.

    Worktrees borrow these objects, and work that is not in the origin yet may be among them.

    Raises:
        GitError: the new copy cannot be written.
        OSError: the same.
    """
    for file in _object_files(damaged / "objects"):
        carrying.link(file, new / "objects" / file.relative_to(damaged / "objects"))
    for name in _OWN_FOLDERS:
        if (damaged / name).is_dir():
            _link_folder(damaged / name, new / name)
    _keep_refs(damaged, new)


def _link_folder(source: Path, target: Path) -> None:
    # Linked, not moved: if this is cut off, the next try finds all of it.
    for folder, _, names in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(exist_ok=True)
        for name in names:
            carrying.link(Path(folder, name), place / name)


def _object_files(objects: Path) -> Iterator[Path]:
    for folder in (objects / "pack", *objects.glob("??")):
        if folder.is_dir():
            yield from (each for each in folder.iterdir() if not each.name.startswith(_TEMPORARY))


def _keep_refs(damaged: Path, new: Path) -> None:
    """Set the refs of the host's own in the new copy, if their commits are there."""
    found = {ref: commit for ref, commit in _refs(damaged).items() if not _is_of_origin(ref)}
    held = git.run(
        *("cat-file", "--batch-check=%(objecttype)"),
        doing=f"look for what {damaged} held",
        git_dir=new,
        stdin="".join(f"{commit}\n" for commit in found.values()).encode(),
        timeout=git.NETWORK,
    ).text.splitlines()
    lines = [
        f"update {ref} {commit}\n"
        for (ref, commit), kind in zip(found.items(), held, strict=True)
        if not kind.endswith("missing")
    ]
    git.run(
        *("update-ref", "--no-deref", "--stdin"),
        doing=f"set up the branches of {new}",
        git_dir=new,
        stdin="".join(lines).encode(),
        timeout=git.NETWORK,
    )


def _is_of_origin(ref: str) -> bool:
    return ref.startswith(("refs/remotes/", "refs/tags/"))


def _refs(mirror: Path) -> dict[str, str]:
    """Read refs from their files, since git refuses to read in a damaged repository."""
    found = {}
    packed = mirror / "packed-refs"
    lines = packed.read_text(errors="replace").splitlines() if packed.is_file() else []
    for line in lines:
        commit, _, ref = line.partition(" ")
        found[ref] = commit
    for file in (mirror / "refs").rglob("*"):
        if file.is_file() and not file.name.endswith(".lock"):
            found[file.relative_to(mirror).as_posix()] = file.read_text(errors="replace").strip()
    return {ref: commit for ref, commit in found.items() if git.is_commit_id(commit)}
