"""Deletes branches of the origin whose commits their target holds."""

from collections.abc import Collection

from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror

_UNCOMMITTED = "-uncommitted"


def uncommitted_branch(branch: str) -> str:
    """Return the name of the branch that keeps what an attempt has not committed to its own."""
    return f"{branch}{_UNCOMMITTED}"


def drop_uncommitted(mirror: Mirror, branch: str) -> list[str]:
    """Delete from the origin what no attempt at the branch's task goes on with any more.

    For a task that is done with all of its work committed. Returns the branches that were deleted.

    Raises:
        RepositoryError: the origin cannot be reached.
    """
    task = branch.rpartition("-")[0]
    spent = {
        name: tip
        for name, tip in mirror.heads().items()
        if name.startswith(f"{task}-") and name.endswith(_UNCOMMITTED)
    }
    return mirror.source.drop(mirror.path, spent) if spent else []


def drop_merged(
    mirror: Mirror, branches: Collection[str], target_branch: str
) -> tuple[list[str], list[str]]:
    """Delete from the origin those of the branches whose every commit its target branch holds.

    A branch that moves meanwhile, or that somebody has checked out, stays. Asking again is
    harmless. Returns the branches that were deleted, and those that stay although they are merged.

    Raises:
        RepositoryError: the target branch is missing, the origin cannot be reached, or another git
            process holds its lock.
    """
    target = mirror.resolve(target_branch)
    heads = mirror.heads()
    known = {name: heads[name] for name in branches if name in heads}
    here = {name: tip for name, tip in known.items() if mirror.has_commit(tip)}
    apart = _not_in(mirror, target, here.values())
    merged = {name: tip for name, tip in here.items() if tip not in apart}
    deleted = mirror.source.drop(mirror.path, merged) if merged else []
    return deleted, sorted(set(merged) - set(deleted))


def _not_in(mirror: Mirror, target: str, tips: Collection[str]) -> set[str]:
    """Return the commits that lead to the tips but not to the target."""
    listed = git.run(
        *("rev-list", "--stdin"),
        doing="look which branches are merged",
        git_dir=mirror.path,
        stdin="\n".join([f"^{target}", *tips, ""]).encode(),
    )
    return set(listed.text.split())
