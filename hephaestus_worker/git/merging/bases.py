"""Tells whether a base branch went forward only, as far as hosts have seen it."""

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror


class BaseMoved(RepositoryError):
    """The base branch was reset, force-pushed or replaced; `tip` is its commit now."""

    def __init__(self, message: str, tip: str) -> None:
        super().__init__(message)
        self.tip = tip


def forward(mirror: Mirror, known: str | None, branch: str) -> str | None:
    """Return the branch's newest commit; `known` if there is no such branch.

    Args:
        known: the commit at which hosts saw it last; None: none has seen it.

    Raises:
        BaseMoved: the newest commit does not come after the known one. To merge all the same could
            bring back commits that people took out.
    """
    tip = mirror.tip(branch)
    if tip is None or tip == known:
        return known
    tip = mirror.resolve(branch)
    if known is None or comes_after(mirror, tip, known):
        return tip
    raise BaseMoved(
        f"Branch '{branch}' of {mirror.source.shown} was moved from {known[:12]} to {tip[:12]} and "
        "not forward: commits that this workflow builds upon are no longer in it. Nothing is "
        "merged or delivered, because that could bring them back. Restore the branch, and work "
        "goes on by itself; or approve the workflow, and it goes on with the branch as it is now.",
        tip,
    )


def comes_after(mirror: Mirror, tip: str, known: str) -> bool:
    """Say whether ``known`` is ``tip`` or one of its ancestors."""
    asked = git.run(
        *("merge-base", "--is-ancestor", git.check_commit(known), tip),
        doing=f"look whether {tip[:12]} comes after {known[:12]}",
        git_dir=mirror.path,
        allowed=(0, 1, 128),
        timeout=git.NETWORK,
    )
    return asked.status == 0  # 128: the mirror lacks the known commit, so the tip does not need it
