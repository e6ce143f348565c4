"""The heartbeat of a host: a thread of its own, independent of Redis and of long work."""

import logging
import os
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core import clock
from hephaestus_core.agents import leases
from hephaestus_core.contract.errors import HostNameTaken, NotFound
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts import service as hosts
from hephaestus_core.logging import log_event
from hephaestus_worker.git import command as git
from hephaestus_worker.host.home_lock import TAKEN_STATUS
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)


class Heartbeat(threading.Thread):
    """Renews the host's leases, and ends a worker that has lost its name.

    Args:
        db: the database on a connection of its own, with short deadlines.
        show_life: tells the supervisor that the worker does not hang.
        check_hearing: is called after each beat.
    """

    def __init__(
        self,
        machine: Machine,
        db: Database,
        *,
        show_life: Callable[[], None],
        check_hearing: Callable[[], None],
    ) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._machine = machine
        self._db = db
        self._show_life = show_life
        self._check_hearing = check_hearing
        self._beats = 0

    def mark(self) -> int | None:
        """Return the number of beats, with those that the database missed; None while stopping."""
        return None if self._machine.stopping.is_set() else self._beats

    def run(self) -> None:
        """Beat until the worker stops. An unforeseen error ends the whole worker."""
        try:
            while not self._machine.stopping.wait(self._beat()):
                pass
        except BaseException:
            logger.exception("heartbeat_died")
            end_process(70)

    def _beat(self) -> float:
        settings = self._machine.settings
        self._beats += 1
        self._show_life()
        programs = self._machine.installed_programs()
        try:
            ahead = leases.renew(
                self._db,
                self._machine.name,
                lease_seconds=settings.lease_seconds,
                programs=programs,
                without_login=self._machine.without_login(programs),
                worker_id=self._machine.bearer.id if self._machine.bearer else None,
            )
            if ahead is not None:
                clock.correct(ahead)
        except NotFound:
            register(self._machine)
        except HostNameTaken as error:
            log_event(logger, "host_name_taken", level=logging.ERROR, reason=error.message)
            end_process(TAKEN_STATUS)
        except SQLAlchemyError as error:
            log_event(logger, "heartbeat_missed", level=logging.WARNING, reason=_short(error))
            # Each of them would be waited for: nobody else has asked them as lately.
            self._machine.db.drop_idle()
            return min(1.0, settings.heartbeat_seconds / 2)
        self._check_hearing()
        return settings.heartbeat_seconds


def register(machine: Machine) -> None:
    """Register this host with its slots, labels and programs.

    Raises:
        HostNameTaken: another worker bears its name.
    """
    settings = machine.settings
    programs = machine.installed_programs()
    hosts.register(
        machine.db,
        machine.name,
        slots=settings.slots,
        most_in_system=settings.max_concurrent_agents,
        labels=settings.host_labels,
        programs=programs,
        without_login=machine.without_login(programs),
        lease_seconds=settings.lease_seconds,
        bearer=machine.bearer,
        containment=machine.enclosure.containment,
        containment_obstacle=machine.enclosure.obstacle,
    )


def end_process(status: int) -> None:
    """End this process and its git commands at once."""
    # They would run on beside the commands of the next worker.
    git.end_all()
    os._exit(status)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0]
