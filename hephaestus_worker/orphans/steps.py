"""What is done to an orphan: stopped or moved aside, later deleted. Each step can be repeated."""

from pathlib import Path

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.statuses import OrphanKind
from hephaestus_worker.agents import launcher
from hephaestus_worker.git import command as git
from hephaestus_worker.git.worktrees import place as worktree_place
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.orphans.looking import ASIDE, ASIDE_REFS, mirror_and_branch, refs_of
from hephaestus_worker.orphans.sessions import end_session
from hephaestus_worker.terminal.private_files import delete, private_folder


def quarantine(machine: Machine, kind: OrphanKind, name: str) -> str:
    """Stop it or move it aside; return where it, or its log, is from now on.

    Raises:
        RepositoryError, OSError: work cannot be saved or nothing can be moved; all stays.
        AgentProgramError, Unavailable: its processes cannot be ended.
    """
    if kind == OrphanKind.WORKTREE:
        return str(_set_worktree_aside(machine, name))
    if kind == OrphanKind.BRANCH:
        return _set_branch_aside(machine, name)
    if kind == OrphanKind.MIRROR:
        return str(_set_mirror_aside(machine, name))
    end_session(machine, name)
    return str(machine.folders.agents / name)


def remove(machine: Machine, kind: OrphanKind, name: str) -> None:
    """Delete what was moved aside. Of sessions and processes nothing is left but their logs.

    Raises:
        RepositoryError, OSError: it cannot be deleted.
    """
    if kind == OrphanKind.WORKTREE:
        _delete(machine.folders.worktrees / ASIDE / name)
    elif kind == OrphanKind.MIRROR:
        _delete(machine.folders.mirrors / ASIDE / name)
    elif kind == OrphanKind.BRANCH:
        _delete_branch(machine, name)


def _set_worktree_aside(machine: Machine, name: str) -> Path:
    """Save all work to refs of the mirror first, then move the folder and what belongs to it."""
    folder = machine.folders.worktrees / name
    aside = private_folder(machine.folders.worktrees / ASIDE / name)
    launcher.stop(name, machine.tmux, grace=1.0)
    if worktrees.is_made(folder) and not (aside / name).exists():
        message = f"Work of {name}, which no task claims"
        worktrees.save(folder, message=message, rules=machine.saving_rules)
        worktrees.keep_other_commits(folder)
    # The record last: as long as it is there, a move that was broken off is seen and finished.
    for each in (folder, *worktree_place.companions(folder)):
        if each.exists():
            each.rename(aside / each.name)
    return aside


def _set_branch_aside(machine: Machine, name: str) -> str:
    """Move the branch to refs that no worktree, merge or fetch reads; its commits stay."""
    mirror, branch = mirror_and_branch(name)
    path, ref = machine.folders.mirrors / mirror, f"refs/heads/{branch}"
    found = refs_of(path, ref).get(ref)
    if found is None:  # moved, but the worker was killed before it was recorded
        return f"{ASIDE_REFS}{branch}"
    kept = f"{ASIDE_REFS}{branch}/{found[:12]}"
    git.run(
        *("update-ref", "--stdin"),
        doing=f"set branch '{branch}' aside",
        git_dir=path,
        stdin=f"update {kept} {found}\ndelete {ref} {found}\n".encode(),
    )
    return kept


def _delete_branch(machine: Machine, name: str) -> None:
    mirror, branch = mirror_and_branch(name)
    path = machine.folders.mirrors / mirror
    if not path.is_dir():
        return
    kept = refs_of(path, f"{ASIDE_REFS}{branch}/")
    lines = "".join(f"delete {ref} {commit}\n" for ref, commit in kept.items())
    doing = f"delete branch '{branch}'"
    git.run("update-ref", "--stdin", doing=doing, git_dir=path, stdin=lines.encode())


def _set_mirror_aside(machine: Machine, name: str) -> Path:
    path = machine.folders.mirrors / name
    aside = private_folder(machine.folders.mirrors / ASIDE) / name
    if path.exists():
        path.rename(aside)
    return aside


def _delete(folder: Path) -> None:
    delete(folder)
    if folder.exists():
        raise RepositoryError(
            f"{folder} cannot be deleted. Delete it as the user that its files belong to."
        )
