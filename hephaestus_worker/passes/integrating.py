"""The pass that merges saved work, and delivers integration branches to base branches."""

import logging
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from hephaestus_core.changes import base_moves, diffs
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.rules import DeliveryJob, MergeJob, MergeReport, SpentWork
from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.statuses import DeliveryStatus, MergeStatus
from hephaestus_core.db.engine import AWAY
from hephaestus_core.db.isolated import for_each
from hephaestus_core.logging import log_event
from hephaestus_worker.git.merging import bases, branches, delivery, differences, merges
from hephaestus_worker.git.merging.bases import BaseMoved
from hephaestus_worker.git.merging.conflicts import FileConflict
from hephaestus_worker.git.merging.merges import MergeOutcome, MergeRequest
from hephaestus_worker.git.origins.checkouts import CheckedOut
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.passes.delivery_checks import may_be_delivered

logger = logging.getLogger(__name__)

_MERGE_STATUS: Final = {
    "merged": MergeStatus.MERGED,
    "already_merged": MergeStatus.MERGED,
    "nothing": MergeStatus.NOTHING,
    "conflict": MergeStatus.CONFLICT,
}
_DELIVERY_STATUS: Final = {
    "delivered": DeliveryStatus.DELIVERED,
    "already": DeliveryStatus.DELIVERED,
    "held": DeliveryStatus.HELD,
    "conflict": DeliveryStatus.CONFLICT,
}

_LOCK = "integrating"
_COMPARED_AT_ONCE = 4


def integrate(machine: Machine) -> None:
    """Do all merges and deliveries that are due, in one pass at a time.

    A call during a pass only makes the pass look once more. So branches that finish together are
    merged in one chain with one update of the target.
    """
    while True:
        with machine.busy.try_acquire(_LOCK, again=True) as mine:
            if not mine:
                return
            machine.busy.take_refused(_LOCK)
            _merge_due(machine)
            _deliver_due(machine)
            _drop_spent(machine)
        if not machine.busy.take_refused(_LOCK):
            return


def _merge_due(machine: Machine) -> None:
    jobs = changes.due_merges(machine.db)
    by_target: dict[tuple[str, str], list[MergeJob]] = defaultdict(list)
    for job in jobs:
        by_target[job.repository, job.integration_branch].append(job)
    for target_jobs in by_target.values():
        # One chain costs one update of the target. If it fails, each is merged by itself, so that
        # one bad merge does not block the others.
        reason = _merged(machine, target_jobs)
        if reason is not None and len(target_jobs) > 1 and not reason.of_target:
            for job in target_jobs:
                _hold(machine, [job], _merged(machine, [job]))
        else:
            _hold(machine, target_jobs, reason)


@dataclass(frozen=True)
class _Hindrance:
    """Why merges were not done; ``of_target``: the reason holds for any merge into the target."""

    reason: str
    of_target: bool = False


def _merged(machine: Machine, jobs: list[MergeJob]) -> _Hindrance | None:
    """Do the merges; return the obstacle, if there was one."""
    try:
        _merge(machine, jobs)
    except RepositoryError as error:
        return _Hindrance(error.message, of_target=isinstance(error, CheckedOut | BaseMoved))
    except AWAY:
        raise  # nothing can be recorded now; the next pass does it all again
    except Exception as error:  # a fault in one merge must not stop the work of all other workflows
        logger.exception("merge_broke workflow_id=%s", jobs[0].workflow_id)
        return _Hindrance(
            f"Merging broke off with {type(error).__name__}. The log of the worker on host "
            f"'{machine.name}' says where."
        )
    return None


def _hold(machine: Machine, jobs: list[MergeJob], hindrance: _Hindrance | None) -> None:
    """Record the obstacle of these merges, if there is one."""
    if hindrance is None:
        return
    log_event(
        logger,
        "merge_put_off",
        level=logging.WARNING,
        reason=hindrance.reason,
        workflow_id=jobs[0].workflow_id,
    )
    for job in jobs:
        changes.record_held(machine.db, job.merge_id, reason=hindrance.reason)


def _merge(machine: Machine, jobs: list[MergeJob]) -> None:
    first = jobs[0]
    mirror = mirror_of(machine, first.repository)
    _check_base(machine, mirror, first)
    outcomes = merges.merge_all(
        mirror,
        first.integration_branch,
        [MergeRequest(job.tip, _message(job), job.branch, _seconds(job.ended_at)) for job in jobs],
        base_for_new_target=first.base_branch,
        policy=first.conflict_resolution,
    )
    # The diffs first, then the ends of the jobs: after a crash in between both are done again.
    _or_tell(first, partial(_record_diffs, machine, mirror, jobs, outcomes))
    for job, outcome in zip(jobs, outcomes, strict=True):
        changes.record_merge(machine.db, job.merge_id, _report(outcome))


def _check_base(machine: Machine, mirror: Mirror, job: MergeJob | DeliveryJob) -> str | None:
    """Record and return where the base branch is now.

    Raises:
        BaseMoved: it was moved otherwise than forward; that is recorded for people to decide.
    """
    seen = {"before": job.base_commit}
    try:
        tip = bases.forward(mirror, job.base_commit, job.base_branch)
    except BaseMoved as moved:
        base_moves.note_moved(machine.db, job.workflow_id, commit=moved.tip, **seen)
        raise
    if tip != job.base_commit or job.base_moved_to is not None:
        base_moves.note_base(machine.db, job.workflow_id, commit=tip, **seen)
    return tip


def _record_diffs(
    machine: Machine, mirror: Mirror, jobs: list[MergeJob], outcomes: list[MergeOutcome]
) -> None:
    """Record the diffs of the merges. A fault here does not hold up the merges."""
    records = [
        partial(_record_diff, machine, mirror, job, outcome.target_before, outcome.commit)
        for job, outcome in zip(jobs, outcomes, strict=True)
        if outcome.commit and outcome.target_before
    ]
    if not records:
        return
    tip = mirror.resolve(jobs[0].integration_branch)  # they are in the mirror from now on
    # The longest first: the others run beside it.
    records.insert(0, partial(_record_workflow_diff, machine, mirror, jobs[0], tip))
    with ThreadPoolExecutor(_COMPARED_AT_ONCE) as pool:
        list(pool.map(partial(_or_tell, jobs[0]), records))


def _or_tell(job: MergeJob, record: Callable[[], None]) -> None:
    try:
        record()
    except RepositoryError as error:
        log_event(
            logger,
            "diff_not_recorded",
            level=logging.WARNING,
            reason=error.message,
            workflow_id=job.workflow_id,
        )


def _record_diff(machine: Machine, mirror: Mirror, job: MergeJob, before: str, after: str) -> None:
    diffs.record_diff(machine.db, job.task_id, differences.between(mirror, before, after))


def _record_workflow_diff(
    machine: Machine, mirror: Mirror, job: MergeJob | DeliveryJob, tip: str
) -> None:
    base = diffs.workflow_base(machine.db, job.workflow_id)
    whole = (
        differences.since_fork(mirror, job.base_branch, tip)
        if base is None
        else differences.between(mirror, base, tip)
    )
    diffs.record_diff(machine.db, job.workflow_id, whole)


def _message(job: MergeJob) -> str:
    title = next((line for line in job.title.splitlines() if line.strip()), "task")
    return f"Merge: {title[:64]}\n\nHephaestus-Task: {job.task_id}\n"


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _report(outcome: MergeOutcome) -> MergeReport:
    return MergeReport(
        status=_MERGE_STATUS[outcome.status],
        commit=outcome.commit,
        target=outcome.target_before,
        conflicts=[_as_json(conflict) for conflict in outcome.conflicts],
    )


def _as_json(conflict: FileConflict) -> dict[str, Any]:
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in asdict(conflict).items()
    }


def _deliver_due(machine: Machine) -> None:
    for_each(
        partial(_deliver_or_hold, machine),
        changes.due_deliveries(machine.db),
        work="integrating.deliver",
    )


def _deliver_or_hold(machine: Machine, job: DeliveryJob) -> None:
    try:
        _deliver(machine, job)
    except RepositoryError as error:
        held = DeliveryStatus.HELD
        changes.record_delivery(machine.db, job, status=held, commit=None, reason=error.message)


def _deliver(machine: Machine, job: DeliveryJob) -> None:
    mirror = mirror_of(machine, job.repository)
    if _is_overtaken(machine, mirror, job) or not may_be_delivered(machine, mirror, job):
        return
    seen = _check_base(machine, mirror, job) if mirror.tip(job.integration_branch) else None
    done = delivery.deliver(
        mirror,
        job.integration_branch,
        job.base_branch,
        message=f"Merge workflow: {job.title}\n\nHephaestus-Workflow: {job.workflow_id}\n",
        policy=job.conflict_resolution,
        commit=job.approved_commit,
    )
    status = _DELIVERY_STATUS[done.status]
    if done.commit and done.status != "already":
        base_moves.note_base(machine.db, job.workflow_id, before=seen, commit=done.commit)
    changes.record_delivery(
        machine.db,
        job,
        status=status,
        commit=done.commit,
        reason=done.reason,
        decided=[_as_json(conflict) for conflict in done.conflicts if conflict.kept != "both"],
    )


def _is_overtaken(machine: Machine, mirror: Mirror, job: DeliveryJob) -> bool:
    """Say whether there is other work than was approved; then a person is asked about that."""
    if job.approved_commit is None:
        return False
    if mirror.tip(job.integration_branch) in {None, job.approved_commit}:
        return False
    _record_workflow_diff(machine, mirror, job, mirror.resolve(job.integration_branch))
    changes.record_overtaken(machine.db, job)
    return True


def _drop_spent(machine: Machine) -> None:
    """Leave users' repositories without the branches of workflows that have been delivered.

    Those that the base branch does not hold whole stay, and so do those that somebody has open.
    """
    spent = changes.due_spent_works(machine.db)
    for_each(partial(_drop_spent_of, machine), spent, work="integrating.drop_spent")


def _drop_spent_of(machine: Machine, work: SpentWork) -> None:
    try:
        _, left = branches.drop_merged(
            mirror_of(machine, work.repository),
            changes.spent_branches(machine.db, work.workflow_id),
            work.base_branch,
        )
        all_gone = not left
    except RepositoryError as error:  # they are in nobody's way; the delivery is what counts
        log_event(logger, "branches_left", reason=error.message, workflow_id=work.workflow_id)
        all_gone = False
    changes.settle_spent(machine.db, work, all_gone=all_gone)
