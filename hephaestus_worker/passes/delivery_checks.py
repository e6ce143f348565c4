"""The check of merged work on this host: its command in a clean worktree of that commit."""

import logging
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Final

from hephaestus_core.bells import reconcile_bell
from hephaestus_core.changes import delivery_checks
from hephaestus_core.changes.delivery_checks import CheckOrder
from hephaestus_core.changes.rules import DeliveryJob
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_core.contract.errors import HephaestusError, RepositoryError
from hephaestus_core.db.engine import AWAY
from hephaestus_core.logging import log_event
from hephaestus_worker.git.merging.differences import fork_of
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.kept_setups import keeping_of
from hephaestus_worker.host.machine import Machine, pause_of, paused_on_failure
from hephaestus_worker.reviews.checks import Stopped, run_checks
from hephaestus_worker.reviews.grounds import ground_of

logger = logging.getLogger(__name__)

_PAUSE: Final = "delivery check"
#: The most time of the command, beside that of the set-up; both may run on the base, too.
_COMMAND: Final = timedelta(minutes=10)
#: The most time of what is around both: a clean tree, and the end of their processes.
_AROUND: Final = timedelta(minutes=5)


def may_be_delivered(machine: Machine, mirror: Mirror, job: DeliveryJob) -> bool:
    """Say whether the integration branch may go to the base branch as it is now.

    If a check is due, it is begun on a thread, whose end rings for the next pass.

    Raises:
        RepositoryError: its check failed; the message is the reason for people.
    """
    commit = mirror.tip(job.integration_branch)
    if commit is None or not machine.pauses.over(pause_of(_PAUSE, job.workflow_id)):
        return commit is None
    found = delivery_checks.standing(
        machine.db,
        job.workflow_id,
        commit,
        host=machine.name,
        runs_here=machine.long_work.runs(job.workflow_id),
        longest=2 * (timedelta(minutes=machine.settings.setup_minutes) + _COMMAND + _AROUND),
    )
    if found.verdict == "refused":
        raise RepositoryError(found.reason)
    if found.order is not None:
        machine.long_work.begin(
            job.workflow_id,
            partial(_check, machine, mirror, job, commit, found.order),
            then=lambda: machine.send(reconcile_bell(machine.name)),
        )
    return found.verdict == "passed"


def _check_of(order: CheckOrder) -> Check:
    seconds = int(_COMMAND.total_seconds())
    if order.runs_all_tests:
        return Check(check_type="test_pass", description="all tests", timeout=seconds)
    return Check(check_type="command_success", command=order.command, timeout=seconds)


def _check(
    machine: Machine, mirror: Mirror, job: DeliveryJob, commit: str, order: CheckOrder, stop: Event
) -> None:
    try:
        with paused_on_failure(machine, _PAUSE, job.workflow_id):
            [outcome] = run_checks(
                mirror,
                commit,
                fork_of(mirror, (job.base_branch,), commit) or commit,
                [_check_of(order)],
                ground=ground_of(machine),
                setup_command=order.setup_command,
                test_command=order.command,
                submodules_of=job.base_branch if machine.settings.git_submodules else None,
                working_directory=order.working_directory,
                keeping=keeping_of(machine.settings, mirror.origin, job.base_branch),
                stop=stop,
            )
            delivery_checks.record_outcome(
                machine.db, job.workflow_id, commit, outcome, host=machine.name
            )
    except Stopped:
        return  # the next worker begins it anew
    except (HephaestusError, OSError, *AWAY) as error:  # this host's fault, or the database's
        log_event(
            logger,
            "delivery_check_broke",
            level=logging.WARNING,
            workflow_id=job.workflow_id,
            reason=error,
        )
