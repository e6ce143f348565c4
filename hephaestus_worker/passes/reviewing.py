"""The checks of reviews and of results on this host."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event
from typing import Final

from hephaestus_core.bells import reconcile_bell
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.errors import AgentProgramError, RepositoryError
from hephaestus_core.logging import log_event
from hephaestus_core.results import checking as results
from hephaestus_core.reviews import checking as reviews
from hephaestus_core.reviews.due import due_checks
from hephaestus_core.reviews.views import DueChecks
from hephaestus_worker.git.merging.bases import comes_after
from hephaestus_worker.git.merging.differences import fork_of
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.kept_setups import keeping_of
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.reviews.checks import Stopped, run_checks
from hephaestus_worker.reviews.grounds import ground_of

logger = logging.getLogger(__name__)

#: Failures of this host, after which the checks are tried again.
_FAILURES: Final = (RepositoryError, AgentProgramError, OSError)


_Record = Callable[[Sequence[CheckOutcome]], bool]


def tend_reviews(machine: Machine) -> None:
    """Start the checks that are due here, and break off those that no longer are.

    A review or a result stays as it is until all of its checks have an outcome. So whatever ends a
    run, the next pass starts it again.
    """
    results.let_proven_go_first(machine.db)
    due: list[tuple[DueChecks, _Record]] = [
        (job, partial(reviews.record_checks, machine.db, job.id))
        for job in due_checks(machine.db, machine.name)
    ]
    due += [
        (job, _recording_of_result(machine, job))
        for job in results.due_checks(machine.db, machine.name)
    ]
    machine.checks.stop_others({job.id for job, _ in due})
    for job, record in due:
        if machine.pauses.over(_pause(job)):
            machine.checks.begin(job.id, partial(_run, machine, job, record))


def _recording_of_result(machine: Machine, job: DueChecks) -> _Record:
    return partial(results.record_checks, machine.db, job.id, commit=job.commit, proof=job.proof)


def _run(machine: Machine, job: DueChecks, record: _Record, stop: Event) -> None:
    try:
        mirror = mirror_of(machine, job.repository)
        outcomes = run_checks(
            mirror,
            job.commit,
            _compared_with(mirror, job),
            job.checks,
            ground=ground_of(machine),
            suite_base=fork_of(mirror, job.compared_with, job.commit),
            proof=job.proof,
            setup_command=job.setup_command,
            test_command=job.test_command,
            submodules_of=job.base_branch if machine.settings.git_submodules else None,
            working_directory=job.working_directory,
            keeping=keeping_of(machine.settings, job.repository, job.base_branch),
            stop=stop,
        )
    except Stopped:
        return
    except _FAILURES as error:
        log_event(logger, "checks_put_off", subject=job.id, reason=error)
        machine.pauses.lengthen(_pause(job))
        return
    # If this fails, the checks of others have their turn first.
    machine.pauses.lengthen(_pause(job))
    record(outcomes)
    machine.pauses.forget(_pause(job))
    machine.send(reconcile_bell(machine.name))


def _compared_with(mirror: Mirror, job: DueChecks) -> str:
    """Return the newest commit that the work has and that is not of its own."""
    fork = fork_of(mirror, job.compared_with, job.commit)
    if fork is None:
        return job.base_commit
    begun = job.begun_at
    if begun is None or not comes_after(mirror, job.commit, begun):
        return fork
    return begun if comes_after(mirror, begun, fork) else fork


def _pause(job: DueChecks) -> str:
    return f"checks {job.id}"
