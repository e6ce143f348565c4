"""What differs between two commits, bounded: which files, how many lines, and the patch."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from hephaestus_core.contract.diffs import Diff, FileChange
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import changes as objects
from hephaestus_worker.git.origins.mirror import Mirror

#: Most characters of a patch that are kept; the commits have the rest.
PATCH_LIMIT: Final = 256 * 1024
#: Most files that are listed by name.
FILE_LIMIT: Final = 500
#: Bytes of output after which git is ended; enough to count tens of thousands of files.
_MOST_BYTES: Final = 4 * 1024 * 1024
#: The modes of files that have contents of their own.
_FILES: Final = frozenset({"100644", "100755"})


def between(
    mirror: Mirror,
    base: str,
    tip: str,
    *,
    patch_limit: int = PATCH_LIMIT,
    file_limit: int = FILE_LIMIT,
) -> Diff:
    """Return what differs between two commits; a renamed file counts once.

    Raises:
        RepositoryError: the mirror does not have one of them.
    """
    said, cut = git.beginning(
        *("diff-tree", "-r", "-M", "--no-textconv", "--raw", "--numstat", "--patch"),
        *(git.check_commit(base), git.check_commit(tip)),
        doing=f"compare {base[:12]} with {tip[:12]}",
        git_dir=mirror.path,
        most=_MOST_BYTES,
    )
    # No partial character, and no NUL, which PostgreSQL cannot store in a text.
    text = said.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    lines = text.split("\n\n", 1)
    changes = list(_changes(lines[0]))
    patch = lines[1] if len(lines) > 1 else ""
    return Diff(
        base=base,
        commit=tip,
        files=len(changes),
        insertions=sum(change.insertions or 0 for change in changes),
        deletions=sum(change.deletions or 0 for change in changes),
        changes=_sized(mirror, changes[:file_limit], lines[0]),
        patch=patch[:patch_limit],
        truncated=cut or len(changes) > file_limit or len(patch) > patch_limit,
    )


def since_fork(mirror: Mirror, base_branch: str, tip: str) -> Diff:
    """Return the difference between a commit and its merge base with a branch.

    Raises:
        RepositoryError: there is no such branch.
    """
    fork = git.run(
        *("merge-base", mirror.resolve(base_branch), git.check_commit(tip)),
        doing=f"find where {tip[:12]} and '{base_branch}' parted",
        git_dir=mirror.path,
    )
    return between(mirror, fork.text, tip)


def fork_of(mirror: Mirror, branches: Sequence[str], tip: str) -> str | None:
    """Return the newest commit that a commit shares with the first of the branches there is.

    None if there is no such branch, or no such commit.
    """
    mirror.fetch_commit(None, tip)
    found = next((commit for branch in branches if (commit := mirror.tip(branch))), None)
    if found is None:
        return None
    mirror.fetch_commit(None, found)
    fork = git.run(
        *("merge-base", found, git.check_commit(tip)),
        doing=f"find where {tip[:12]} and {found[:12]} parted",
        git_dir=mirror.path,
        allowed=(0, 1),
    )
    return fork.text or None


def _changes(listed: str) -> Iterator[FileChange]:
    for line in takewhile(bool, listed.split("\n")):
        if not line.startswith(":"):
            insertions, deletions, path = (*line.split("\t", 2), "", "")[:3]
            yield FileChange(path, _count(insertions), _count(deletions))


def _sized(mirror: Mirror, changes: list[FileChange], listed: str) -> list[FileChange]:
    """Return the changes with the sizes of binary files, which the raw lines name by id."""
    entries = [line.split(" ", 4) for line in listed.split("\n") if line.startswith(":")]
    binary = {
        number: entry[3]
        for number, (change, entry) in enumerate(zip(changes, entries, strict=False))
        if change.insertions is None and entry[1] in _FILES
    }
    if not binary:
        return changes
    sizes = dict(zip(binary, objects.sizes(mirror.path, list(binary.values())), strict=True))
    return [replace(each, size=sizes.get(number)) for number, each in enumerate(changes)]


def _count(number: str) -> int | None:
    """Return a number of lines; git writes ``-`` for binary files."""
    return int(number) if number.isdecimal() else None
