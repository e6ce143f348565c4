"""What is on this host with a mark of ours, and which of it live rows claim.

Marks are: the private tmux server of this home with the names of agents' sessions, the mark of an
agent of this home in a process, and what this host made in its folders of worktrees and mirrors.
Whatever has none of them is a person's, and is not even looked at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from hephaestus_core.agents.claimed_names import Claimed
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.home import agent_of_session
from hephaestus_core.contract.statuses import OrphanKind
from hephaestus_worker.agents.sessions import look as look_at_sessions
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal import process_tree

#: The folder for what is quarantined, within the folder that it comes from: a rename is one step.
ASIDE: Final = ".quarantine"
#: The refs for branches that are quarantined; the commit follows the branch's name.
ASIDE_REFS: Final = "refs/hephaestus/orphans/"
_ATTEMPTS: Final = "refs/heads/hephaestus/"
_SNAPSHOT: Final = "-uncommitted"
_MOST_FILES: Final = 20_000


@dataclass(frozen=True)
class Seen:
    """A thing with a mark of ours."""

    where: Literal["here", "aside"]
    path: str


#: By name; None: nobody could look.
Things = Mapping[str, Seen] | None


def look(machine: Machine) -> dict[OrphanKind, Things]:
    """Return all things by kind. What cannot be looked at now says nothing, and is None."""
    sessions = _sessions(machine)
    return {
        OrphanKind.SESSION: sessions,
        OrphanKind.PROCESS: None if sessions is None else _processes(machine, sessions),
        OrphanKind.WORKTREE: _worktrees(machine.folders.worktrees),
        OrphanKind.BRANCH: _branches(machine.folders.mirrors),
        OrphanKind.MIRROR: _mirrors(machine.folders.mirrors),
    }


def claims(machine: Machine, rows: Claimed) -> Callable[[OrphanKind, str], bool]:
    """Return what says whether a live row stands for a thing of a kind, or may."""
    ours = [
        place
        for record in worktree_place.records(machine.folders.worktrees)
        if (place := worktree_place.read(worktree_place.folder_of(record))) is not None
    ]
    branches = rows.branches | {place.branch for place in ours}
    mirrors = _mirrors_of(rows.repositories, machine.folders.mirrors)

    def is_claimed(kind: OrphanKind, name: str) -> bool:
        if kind == OrphanKind.WORKTREE:
            return name in rows.worktrees
        if kind == OrphanKind.BRANCH:
            return branch_of(name).removesuffix(_SNAPSHOT) in branches
        if kind == OrphanKind.MIRROR:
            path = machine.folders.mirrors / name
            used = any(place.mirror == path for place in ours)
            return mirrors is None or path in mirrors or used or _holds_work(path)
        return name in rows.agents

    return is_claimed


def size_of(path: Path) -> int | None:
    """Return the bytes of a folder's files, of the first 20,000; None: there is no folder."""
    if not path.is_dir():
        return None
    total = 0
    for number, file in enumerate(path.rglob("*")):
        if number >= _MOST_FILES:
            break
        try:
            total += file.lstat().st_size
        except OSError:  # deleted meanwhile, or another user's
            continue
    return total


def mirror_and_branch(name: str) -> tuple[str, str]:
    """Return the name of the mirror and the branch of an orphaned branch."""
    mirror, _, branch = name.partition(":")
    return mirror, branch


def branch_of(name: str) -> str:
    """Return the branch of an orphaned branch."""
    return mirror_and_branch(name)[1]


def _sessions(machine: Machine) -> dict[str, Seen] | None:
    sessions = look_at_sessions(machine)
    if sessions is None:
        return None
    agents = filter(None, map(agent_of_session, sessions))
    return {each: Seen("here", f"tmux -L {machine.tmux.socket_name}") for each in agents}


def _processes(machine: Machine, sessions: Mapping[str, Seen]) -> dict[str, Seen]:
    """Return the agents of this home that have processes, but no session."""
    folders = {folder.name: folder for folder in machine.folders.agents.iterdir()}
    alone = (process_tree.marked_agents() & folders.keys()) - sessions.keys()
    return {each: Seen("here", str(folders[each])) for each in alone}


def _worktrees(folder: Path) -> dict[str, Seen]:
    aside = {each.name: Seen("aside", str(each)) for each in _folders(folder / ASIDE)}
    made = {
        each.name.removeprefix(".").removesuffix(suffix)
        for suffix in (".worktree", worktree_place.GOING, ".git")
        for each in folder.glob(f".*{suffix}")
    }
    return aside | {each: Seen("here", str(folder / each)) for each in made if _is_id(each)}


def _mirrors(folder: Path) -> dict[str, Seen]:
    aside = {each.name: Seen("aside", str(each)) for each in _folders(folder / ASIDE)}
    return aside | {each.name: Seen("here", str(each)) for each in folder.glob("*.git")}


def _branches(folder: Path) -> dict[str, Seen] | None:
    found: dict[str, Seen] = {}
    for mirror in folder.glob("*.git"):
        try:
            refs = refs_of(mirror, ASIDE_REFS, _ATTEMPTS)
        except RepositoryError:
            return None
        for ref in refs:  # in order of their names: those of attempts come first
            if ref.startswith(_ATTEMPTS):
                found[f"{mirror.name}:{ref.removeprefix('refs/heads/')}"] = Seen("here", ref)
            else:
                branch = ref.removeprefix(ASIDE_REFS).rpartition("/")[0]
                found.setdefault(f"{mirror.name}:{branch}", Seen("aside", ref))
    return found


def refs_of(mirror: Path, *prefixes: str) -> dict[str, str]:
    """Return the refs of a mirror with these prefixes, in order, with their commits.

    Raises:
        RepositoryError: it cannot be read.
    """
    listed = git.run(
        *("for-each-ref", "--format=%(refname) %(objectname)", *prefixes),
        doing=f"read the branches of {mirror}",
        git_dir=mirror,
    )
    pairs = (line.split(" ") for line in listed.text.splitlines())
    return dict(sorted((ref, commit) for ref, commit in pairs))


def _mirrors_of(repositories: frozenset[str], folder: Path) -> set[Path] | None:
    """Return the places of these repositories' mirrors; None: one of them cannot be told."""
    try:
        return {Mirror.of(each, folder).path for each in repositories}
    except RepositoryError:
        return None


def _holds_work(mirror: Path) -> bool:
    """Say whether a mirror has refs of agents' work, or may have some: then it is no mere copy."""
    try:
        return mirror.is_dir() and bool(refs_of(mirror, "refs/heads", "refs/hephaestus"))
    except RepositoryError:
        return True


def _folders(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_dir()] if folder.is_dir() else []


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
