"""Deletes branches of the origin whose commits something else holds."""

from collections.abc import Collection, Mapping

from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror

_UNCOMMITTED = "-uncommitted"
#: Branches that one call of git deletes: a push names each in its arguments.
_AT_ONCE = 200


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
    apart = _not_in(mirror, [target], here.values())
    merged = {name: tip for name, tip in here.items() if tip not in apart}
    deleted = mirror.source.drop(mirror.path, merged) if merged else []
    return deleted, sorted(set(merged) - set(deleted))


def drop_deleted(
    mirror: Mirror, branches: Collection[str], integration_branch: str, *, unmerged: bool
) -> list[str]:
    """Delete from the origin the branches of a workflow that is deleted; return those that stay.

    A branch stays if it has commits that no branch of anything else holds, nor the integration
    branch where that stays; and if it moves meanwhile or somebody has it checked out. Asking again
    is harmless.

    Args:
        branches: those of its attempts.
        unmerged: delete them even if nothing else holds their commits.

    Raises:
        RepositoryError: the origin cannot be reached.
    """
    heads = mirror.heads()
    names = {*branches, *map(uncommitted_branch, branches), integration_branch} & heads.keys()
    ours = {name: heads[name] for name in names}
    gone = ours if unmerged else _held(mirror, ours, heads, integration_branch)
    kept = ours.keys() - gone.keys()
    listed = sorted(gone.items())
    for start in range(0, len(listed), _AT_ONCE):
        batch = dict(listed[start : start + _AT_ONCE])
        kept |= batch.keys() - set(mirror.source.drop(mirror.path, batch))
    return sorted(kept)


def _held(
    mirror: Mirror, ours: Mapping[str, str], heads: Mapping[str, str], integration_branch: str
) -> dict[str, str]:
    """Return those of our branches whose every commit a branch holds that stays."""
    for name, tip in ours.items():
        mirror.fetch_commit(name, tip)
    others = {tip for name, tip in heads.items() if name not in ours}
    targets = {tip for tip in others if mirror.has_commit(tip)}
    apart = _not_in(mirror, targets, ours.values())
    whole = ours.get(integration_branch)
    if whole in apart:
        apart = _not_in(mirror, {*targets, whole}, ours.values()) | {whole}
    return {name: tip for name, tip in ours.items() if tip not in apart}


def _not_in(mirror: Mirror, targets: Collection[str], tips: Collection[str]) -> set[str]:
    """Return the commits that lead to the tips but to none of the targets."""
    listed = git.run(
        *("rev-list", "--stdin"),
        doing="look which branches are merged",
        git_dir=mirror.path,
        stdin="\n".join([*(f"^{target}" for target in targets), *tips, ""]).encode(),
    )
    return set(listed.text.split())
