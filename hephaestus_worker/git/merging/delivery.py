"""Brings a workflow's finished work to the user's branch."""

from dataclasses import dataclass
from typing import Literal

from hephaestus_worker.git.merging import merges
from hephaestus_worker.git.merging.conflicts import FileConflict
from hephaestus_worker.git.merging.merges import MergeOutcome, MergeRequest, Policy
from hephaestus_worker.git.origins.checkouts import CheckedOut
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.origins.origin import PushRefused

DeliveryStatus = Literal["delivered", "already", "held", "conflict"]


@dataclass(frozen=True)
class Delivery:
    """The outcome of a delivery.

    delivered: `commit` is the merge on the target branch. already: the target holds the work, or
    there is no work. held: nothing was changed, and `reason` names the remedy; it can be tried
    again. conflict: the policy leaves the conflicts to others.
    """

    status: DeliveryStatus
    commit: str | None
    reason: str
    conflicts: tuple[FileConflict, ...] = ()


def deliver(
    mirror: Mirror,
    source_branch: str,
    target_branch: str,
    *,
    message: str,
    policy: Policy,
    commit: str | None = None,
) -> Delivery:
    """Merge one branch of the origin into another.

    If the user has the target checked out in the origin's folder, that folder is moved forward
    if it is clean and nothing is in the way; otherwise the delivery is held.

    Args:
        commit: the one of the source branch that is brought; None: its newest.

    Raises:
        RepositoryError: the target is missing, or the origin cannot be reached.
    """
    base = mirror.resolve(target_branch)
    if mirror.tip(source_branch) is None:
        return Delivery("already", None, "There was no work to bring.")
    request = MergeRequest(commit or mirror.resolve(source_branch), message, source_branch)
    try:
        (outcome,) = merges.merge_all(
            mirror, target_branch, [request], base_for_new_target=base, policy=policy
        )
    except (CheckedOut, PushRefused) as held:
        return Delivery("held", None, held.message)
    return _told(outcome, source_branch, target_branch)


def _told(outcome: MergeOutcome, source: str, target: str) -> Delivery:
    if outcome.status == "merged":
        return Delivery("delivered", outcome.commit, "", outcome.conflicts)
    if outcome.status == "conflict":
        paths = ", ".join(conflict.path for conflict in outcome.conflicts[:5])
        reason = (
            f"'{source}' and '{target}' both changed {paths}"
            f"{' and more' if len(outcome.conflicts) > 5 else ''}. Resolve it, then deliver again."  # noqa: PLR2004
        )
        return Delivery("conflict", None, reason, outcome.conflicts)
    return Delivery("already", outcome.commit, f"'{target}' holds all the work of '{source}'.")
