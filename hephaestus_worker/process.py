"""The worker process: its machine, its heartbeat, and how both begin and end with Celery."""

import logging
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from celery import Celery, signals
from kombu.exceptions import OperationalError
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.bells import Bell, reconcile_bell
from hephaestus_core.contract.errors import ConfigurationError, HostNameTaken
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts.bearers import Bearer
from hephaestus_core.logging import configure_logging, log_event
from hephaestus_core.settings.config import Settings
from hephaestus_worker.agent_programs import all_programs
from hephaestus_worker.host.heartbeat import Heartbeat, register
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.terminal.tmux import Tmux

logger = logging.getLogger(__name__)

_CONNECTIONS = 8
#: Seconds between two tries to register.
_REGISTER_AGAIN = 0.5


class WorkerProcess:
    """The state that all Celery tasks of one worker share."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.heartbeat = Heartbeat(
            machine,
            knock=lambda: machine.send(reconcile_bell(machine.name)),
            show_life=lambda: say_ready(machine.settings, "worker"),
        )


_current: list[WorkerProcess] = []


def current() -> WorkerProcess:
    """Return this process' worker; only Celery tasks of a started worker may call this."""
    return _current[0]


def configure(settings: Settings, app: Celery, bearer: Bearer) -> None:
    """Make this process the worker of ``settings.host_name``.

    Raises:
        HostNameTaken: another worker bears that name.
    """
    configure_logging(settings.log_level)
    machine = replace(open_machine(settings, app), bearer=bearer)
    take_name(machine)
    _current[:] = [WorkerProcess(machine)]
    signals.worker_ready.connect(_begin, weak=False)
    signals.worker_shutting_down.connect(_end, weak=False)


def take_name(machine: Machine) -> None:
    """Register this host once the database answers and no other worker bears its name.

    While the lease of another worker lasts, only a further sign of life proves that it is alive.

    Raises:
        HostNameTaken: it gave one.
    """
    seen = None
    while True:
        try:
            register(machine)
            return
        except HostNameTaken as error:
            if seen not in {None, error.details["seen_at"]}:
                raise
            if seen is None:
                log_event(logger, "host_name_awaited", level=logging.WARNING, reason=error.message)
            seen = error.details["seen_at"]
        except SQLAlchemyError as error:
            # the database is being started or restarted
            log_event(logger, "database_awaited", reason=str(error).splitlines()[0])
        time.sleep(_REGISTER_AGAIN)


def open_machine(settings: Settings, app: Celery) -> Machine:
    """Return this host with its connections, without starting anything.

    Raises:
        ConfigurationError: no database is set.
    """
    if settings.database_url is None:
        raise ConfigurationError(
            "No database_url is set; set HEPHAESTUS_DATABASE_URL or run `hephaestus up`."
        )

    def send(bell: Bell) -> None:
        # A bell that cannot be sent is lost; the next pass finds the same rows.
        with suppress(OperationalError):
            app.send_task(bell.name, args=bell.args, queue=bell.queue, retry=False)

    def ring(bells: list[Bell]) -> None:
        for bell in bells:
            send(bell)

    return Machine(
        settings=settings,
        db=Database(settings.database_url, ringer=ring, pool_size=_CONNECTIONS),
        tmux=Tmux(HomeLayout(settings.home).tmux_socket),
        folders=folders_of(settings),
        send=send,
        programs=all_programs(settings.agent_programs),
    )


def say_ready(settings: Settings, name: str) -> None:
    """Touch the file that tells the supervisor that this process is ready and alive."""
    file = HomeLayout(settings.home).ready_file(name)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)


def _begin(**_: Any) -> None:
    worker = current()
    worker.heartbeat.start()
    say_ready(worker.machine.settings, "worker")
    worker.machine.send(reconcile_bell(worker.machine.name))


def _end(**_: Any) -> None:
    current().machine.stopping.set()
