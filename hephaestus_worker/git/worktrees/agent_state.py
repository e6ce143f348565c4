"""Reads an attempt's private repository as data, without running git in it.

The agent can write all of these files. So only regular files are read, each with a bound, and what
does not read as a commit id or the name of a ref counts as missing.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import regular_files
from hephaestus_worker.git.worktrees.place import Place

_REF_BYTES = 4_096
_PACKED_BYTES = 16_000_000
_LOG_BYTES = 4_000_000
_MOST_REFS = 10_000
_DEEPEST = 30
_LONGEST_CHAIN = 5


@dataclass(frozen=True)
class AgentState:
    """Where an agent stands in its repository.

    Args:
        head: the commit that is checked out; None if there is none, or it cannot be read.
        branch: the newest commit of the attempt's branch there; None if the agent deleted it.
        on_branch: whether HEAD is the attempt's branch.
    """

    head: str | None
    branch: str | None
    on_branch: bool


def read(place: Place) -> AgentState:
    """Return where the agent stands now."""
    refs = RefFiles(place.private)
    name = refs.target(place.admin / "HEAD")
    return AgentState(
        head=refs.commit_in(place.admin / "HEAD"),
        branch=refs.commit_of(place.ref),
        # Without a readable HEAD its branch is the best that is known.
        on_branch=name in {place.ref, None} and not refs.is_detached(place.admin / "HEAD"),
    )


def all_commits(place: Place) -> dict[str, str]:
    """Return all commits that the agent's refs, stash, worktrees and logs name, by commit.

    The values are names for people, such as "branch side" or "stash@{0}".
    """
    refs = RefFiles(place.private)
    found: dict[str, str] = {}
    for name, commit in _in_order(place, refs):
        found.setdefault(commit, name)
    return found


def _in_order(place: Place, refs: "RefFiles") -> Iterator[tuple[str, str]]:
    for ref, commit in refs.all().items():
        if ref.startswith("refs/heads/"):
            yield f"branch {ref.removeprefix('refs/heads/')}", commit
        elif ref.startswith("refs/tags/"):
            yield f"tag {ref.removeprefix('refs/tags/')}", commit
        elif ref != "refs/stash" and not ref.startswith("refs/remotes/origin/"):
            yield ref, commit
    stashed = _logged(place.private / "logs/refs/stash")[::-1]
    yield from ((f"stash@{{{number}}}", commit) for number, commit in enumerate(stashed))
    if stash := refs.commit_of("refs/stash"):
        yield "stash@{0}", stash
    for folder in _folders(place.admin.parent):
        if folder.name != place.admin.name and (head := refs.commit_in(folder / "HEAD")):
            yield f"worktree {folder.name}", head
    yield from (("an earlier commit", each) for each in _logged(place.admin / "logs/HEAD")[::-1])


def _folders(above: Path) -> list[Path]:
    try:
        with os.scandir(above) as entries:
            found = [Path(each) for each in entries if each.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(found)[:_MOST_REFS]


def _logged(log: Path) -> list[str]:
    """Return the commits that a reflog names as new ones, oldest first."""
    content = regular_files.read(log, _LOG_BYTES) or b""
    words = [line.split(b" ", 2) for line in content.splitlines()]
    ids = [os.fsdecode(each[1]) for each in words if len(each) > 1]
    return [each for each in ids if git.is_commit_id(each) and each.strip("0")]


class RefFiles:
    """The refs of a repository that an agent can write, in their files."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        self._packed: Mapping[str, str] | None = None

    def target(self, file: Path) -> str | None:
        """Return the ref that a symbolic ref names; None for anything else."""
        content = os.fsdecode(regular_files.read(file, _REF_BYTES) or b"").strip()
        name = content.removeprefix("ref:").strip()
        return name if content.startswith("ref:") and _is_safe(name) else None

    def is_detached(self, file: Path) -> bool:
        content = os.fsdecode(regular_files.read(file, _REF_BYTES) or b"").strip()
        return git.is_commit_id(content)

    def commit_in(self, file: Path) -> str | None:
        """Return the commit that a file such as HEAD leads to."""
        for _ in range(_LONGEST_CHAIN):
            content = os.fsdecode(regular_files.read(file, _REF_BYTES) or b"").strip()
            if git.is_commit_id(content):
                return content
            name = self.target(file)
            if name is None:
                return None
            file = self._git_dir / name
            if not os.path.lexists(file):
                return self._in_pack(name)
        return None

    def commit_of(self, ref: str) -> str | None:
        file = self._git_dir / ref
        return self.commit_in(file) if os.path.lexists(file) else self._in_pack(ref)

    def all(self) -> dict[str, str]:
        """Return the commit, or the tag object, of each ref."""
        found = dict(self._read_packed())
        for file in self._loose(self._git_dir / "refs", _DEEPEST):
            commit = self.commit_in(file)
            if commit:
                found[str(file.relative_to(self._git_dir))] = commit
            if len(found) > _MOST_REFS:
                break
        return found

    def _loose(self, folder: Path, deepest: int) -> Iterator[Path]:
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return
        for entry in listed:
            if entry.is_dir(follow_symlinks=False) and deepest:
                yield from self._loose(Path(entry), deepest - 1)
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry)

    def _in_pack(self, ref: str) -> str | None:
        return self._read_packed().get(ref)

    def _read_packed(self) -> Mapping[str, str]:
        if self._packed is None:
            content = regular_files.read(self._git_dir / "packed-refs", _PACKED_BYTES) or b""
            pairs = (line.split(b" ", 1) for line in content.splitlines())
            named = ((os.fsdecode(p[1]), os.fsdecode(p[0])) for p in pairs if len(p) > 1)
            self._packed = {ref: each for ref, each in named if git.is_commit_id(each)}
        return self._packed


def _is_safe(ref: str) -> bool:
    """Return whether the name of a ref leads to no file outside of `refs`."""
    parts = ref.split("/")
    return ref.startswith("refs/") and not {"", ".", ".."} & set(parts) and "\0" not in ref
