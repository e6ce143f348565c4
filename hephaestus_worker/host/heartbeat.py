"""The heartbeat of a host: a thread of its own, independent of Redis and of long work."""

import logging
import os
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core import clock
from hephaestus_core.agents import leases
from hephaestus_core.contract.errors import HostNameTaken, NotFound
from hephaestus_core.hosts import service as hosts
from hephaestus_core.logging import log_event
from hephaestus_worker.git import command as git
from hephaestus_worker.host.home_lock import TAKEN_STATUS
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)

#: Seconds without an answered bell after which an idle worker counts as deaf and ends itself, to
#: be started again. Work may take all threads for minutes; a restart would only repeat it.
_DEAF_SECONDS = 180.0
#: Seconds without an answered bell that no work can explain: the longest call is the first copy of
#: a repository.
_HANGING_SECONDS = git.FIRST_FETCH + git.BULK

#: Periods of beat's bell after which this host rings for itself, since beat may be down.
_MISSED_BELLS = 3


class Heartbeat(threading.Thread):
    """Renews the host's leases, and ends a worker that no longer hears bells or lost its name.

    Args:
        knock: rings this host's own bell; an answer proves that Celery still consumes.
        show_life: tells the supervisor that the worker does not hang.
        deaf_seconds: silence that ends a worker with nothing at work.
        hanging_seconds: silence that ends any worker.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        knock: Callable[[], None],
        show_life: Callable[[], None],
        deaf_seconds: float = _DEAF_SECONDS,
        hanging_seconds: float = _HANGING_SECONDS,
    ) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._machine = machine
        self._knock = knock
        self._show_life = show_life
        self._deaf_seconds = deaf_seconds
        self._hanging_seconds = hanging_seconds
        self._knocking = threading.Thread()
        self._heard_at = time.monotonic()

    def heard(self) -> None:
        """Note that a bell of this host was answered."""
        self._heard_at = time.monotonic()

    def run(self) -> None:
        """Beat until the worker stops. An unforeseen error ends the whole worker."""
        try:
            while not self._machine.stopping.wait(self._beat()):
                pass
        except BaseException:
            logger.exception("heartbeat_died")
            _end_process(70)

    def _beat(self) -> float:
        settings = self._machine.settings
        self._show_life()
        try:
            ahead = leases.renew(
                self._machine.db,
                self._machine.name,
                lease_seconds=settings.lease_seconds,
                programs=self._machine.installed_programs(),
                worker_id=self._machine.bearer.id if self._machine.bearer else None,
            )
            if ahead is not None:
                clock.correct(ahead)
        except NotFound:
            register(self._machine)
        except HostNameTaken as error:
            log_event(logger, "host_name_taken", level=logging.ERROR, reason=error.message)
            _end_process(TAKEN_STATUS)
        except SQLAlchemyError as error:
            log_event(logger, "heartbeat_missed", level=logging.WARNING, reason=_short(error))
            return min(1.0, settings.heartbeat_seconds / 2)
        self._check_hearing()
        return settings.heartbeat_seconds

    def _check_hearing(self) -> None:
        silent = time.monotonic() - self._heard_at
        idle = self._machine.busy.idle_seconds()
        if min(silent, idle) > self._deaf_seconds or silent > self._hanging_seconds:
            log_event(
                *(logger, "worker_deaf"),
                level=logging.ERROR,
                seconds=round(silent),
                idle=round(idle),
            )
            _end_process(71)
        missed = silent / self._machine.settings.reconcile_seconds
        if missed > _MISSED_BELLS and not self._knocking.is_alive():
            # In another thread: a hanging broker would delay the next beat.
            self._knocking = threading.Thread(target=self._knock, name="knock", daemon=True)
            self._knocking.start()


def register(machine: Machine) -> None:
    """Register this host with its slots, labels and programs.

    Raises:
        HostNameTaken: another worker bears its name.
    """
    settings = machine.settings
    hosts.register(
        machine.db,
        machine.name,
        slots=settings.slots,
        most_in_system=settings.max_concurrent_agents,
        labels=settings.host_labels,
        programs=machine.installed_programs(),
        lease_seconds=settings.lease_seconds,
        bearer=machine.bearer,
        containment=machine.enclosure.containment,
        containment_obstacle=machine.enclosure.obstacle,
    )


def _end_process(status: int) -> None:
    # They would run on beside the commands of the next worker.
    git.end_all()
    os._exit(status)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0]
