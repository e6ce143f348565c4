"""The checks of reviews on this host."""

import logging
from functools import partial
from threading import Event
from typing import Final

from hephaestus_core.bells import reconcile_bell
from hephaestus_core.contract.errors import AgentProgramError, RepositoryError
from hephaestus_core.logging import log_event
from hephaestus_core.reviews.checking import record_checks
from hephaestus_core.reviews.due import due_checks
from hephaestus_core.reviews.views import DueChecks
from hephaestus_worker.git.merging.differences import fork_of
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.reviews.checks import Stopped, run_checks
from hephaestus_worker.reviews.grounds import ground_of

logger = logging.getLogger(__name__)

#: Failures of this host, after which the checks are tried again.
_FAILURES: Final = (RepositoryError, AgentProgramError, OSError)


def tend_reviews(machine: Machine) -> None:
    """Start the checks that are due here, and break off those that no longer are.

    A review stays as it is until all of its checks have an outcome. So whatever ends a run, the
    next pass starts it again.
    """
    jobs = due_checks(machine.db, machine.name)
    machine.checks.stop_others({job.review_id for job in jobs})
    for job in jobs:
        if machine.pauses.over(_pause(job)):
            machine.checks.begin(job.review_id, partial(_run, machine, job))


def _run(machine: Machine, job: DueChecks, stop: Event) -> None:
    try:
        mirror = mirror_of(machine, job.repository)
        outcomes = run_checks(
            mirror,
            job.commit,
            # The work of others that was merged into it does not count as its own.
            fork_of(mirror, (job.integration_branch, job.base_branch), job.commit)
            or job.base_commit,
            job.checks,
            ground=ground_of(machine),
            proof=job.proof,
            setup_command=job.setup_command,
            test_command=job.test_command,
            stop=stop,
        )
    except Stopped:
        return
    except _FAILURES as error:
        log_event(logger, "checks_put_off", review_id=job.review_id, reason=error)
        machine.pauses.lengthen(_pause(job))
        return
    machine.pauses.forget(_pause(job))
    record_checks(machine.db, job.review_id, outcomes)
    machine.send(reconcile_bell(machine.name))


def _pause(job: DueChecks) -> str:
    return f"checks {job.review_id}"
