"""The worker process: its machine and its threads, and how they begin and end."""

import gc
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from celery import signals
from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.bells import (
    CONTROL_QUEUE,
    Bell,
    CeleryTaskName,
    host_queue,
    reconcile_bell,
)
from hephaestus_core.contract.errors import ConfigurationError, HostNameTaken
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.contract.statuses import Containment
from hephaestus_core.db.engine import Database
from hephaestus_core.doorbell import HANGING_SECONDS, BrokerAway, Doorbell
from hephaestus_core.hosts.bearer import Bearer
from hephaestus_core.logging import configure_logging, log_event
from hephaestus_core.settings.config import Settings
from hephaestus_core.watchdog import Part, Watchdog
from hephaestus_worker.agent_programs import all_programs
from hephaestus_worker.agents.orphans import note_orphans
from hephaestus_worker.agents.streaming import Streaming
from hephaestus_worker.broker import Broker, broker_url, streams_of
from hephaestus_worker.git import command as git
from hephaestus_worker.guardian.signals import Signals
from hephaestus_worker.host.caretaking import ensure_caretaker
from hephaestus_worker.host.crew import Crew
from hephaestus_worker.host.hearing import Hearing
from hephaestus_worker.host.heartbeat import Heartbeat, register
from hephaestus_worker.host.machine import CONCURRENCY, Machine, folders_of
from hephaestus_worker.host.ready import say_ready
from hephaestus_worker.host.rounds import Rounds
from hephaestus_worker.reviews import run_folders
from hephaestus_worker.schedule import schedule
from hephaestus_worker.terminal import enclosures
from hephaestus_worker.terminal.tmux import Tmux

logger = logging.getLogger(__name__)

#: Seconds between two tries to register.
_REGISTER_AGAIN = 0.5
#: Periods of beat's bell after which the worker knocks, to see whether it still hears.
_MISSED_BELLS = 3
#: Seconds that one beat may take, with all its calls to the database.
_BEAT_SECONDS = 30.0
#: Seconds for each answer of the database to it.
_BEAT_ANSWER_SECONDS = 8.0
#: Seconds without any bell, though the broker took one for this host.
_DEAF_SECONDS = 180.0
#: Seconds for which no thread is free: the longest call is the first copy of a repository.
_BUSY_SECONDS = git.FIRST_FETCH + git.BULK
#: Work that counts how often it is done, or costs much: bells that have piled up are heard once.
_SWEEPS: Final = {
    CeleryTaskName.CHECKPOINT_HOST,
    CeleryTaskName.OBSERVE_HOST,
    CeleryTaskName.TIDY_HOST,
}
#: The share of a period before which a sweep's next bell is not heard. It is more than a half, so
#: that two beats, however far apart they ring, lead to one sweep in each period.
_APART: Final = 0.6
#: Seconds for the work at hand when the worker is told to stop.
_LAST_WORK_SECONDS = 8.0
#: Seconds for running checks and messages to end; the next worker takes them up again.
_LAST_CHECKS_SECONDS = 2.0


class WorkerProcess:
    """A worker's threads around its machine. None of them needs the broker to go on.

    Args:
        settings: of this host.
        answer: does the work that a bell is for, by its name and its ids.
        bearer: this process, as the bearer of the host's name.

    Raises:
        HostNameTaken: another worker bears that name.
        ConfigurationError: no database or no broker is set.
    """

    def __init__(
        self,
        settings: Settings,
        answer: Callable[[Machine, str, tuple[str, ...]], None],
        bearer: Bearer,
    ) -> None:
        url = broker_url(settings)
        self._doorbell = Doorbell(Broker(url).send)
        self._knocker = Broker(url)
        periods = schedule(settings)
        self.machine = replace(open_machine(settings, self._send), bearer=bearer)
        self._crew = Crew(
            lambda name, ids: answer(self.machine, name, ids),
            threads=CONCURRENCY,
            apart={e.done: e.seconds * _APART for e in periods if e.done in _SWEEPS},
        )
        self._signals = Signals(self.machine)
        self._streaming = Streaming(self.machine, streams_of(url))
        self._hearing = Hearing(self._knock, patience=_MISSED_BELLS * settings.reconcile_seconds)
        self._rounds = Rounds(
            self._crew,
            {e.done: e.seconds for e in periods},
            cut_off=self._hearing.cut_off,
            stopping=self.machine.stopping,
        )
        self._heartbeat = Heartbeat(
            self.machine,
            # Nobody's long query and no exhausted pool delays a beat. A beat only writes, so the
            # second connection, which is for reads, is never opened.
            Database(database_url(settings), connections=2, answer_seconds=_BEAT_ANSWER_SECONDS),
            show_life=lambda: _show_life(settings),
            check_hearing=self._hearing.check,
        )
        self._watchdog = Watchdog(
            {
                "the heartbeat": Part(
                    self._heartbeat.mark, settings.heartbeat_seconds + _BEAT_SECONDS
                ),
                "the sender of bells": Part(self._doorbell.mark, HANGING_SECONDS),
                "the receiver of bells": Part(self._hearing.mark, _DEAF_SECONDS),
                "the crew": Part(self._crew.mark, _BUSY_SECONDS),
            },
            # They would run on beside the commands of the next worker.
            last_act=git.end_all,
        )

    def begin(self) -> None:
        """Take the host's name, then start all threads.

        Raises:
            HostNameTaken: another worker bears it.
            ConfigurationError: agents must be contained, and this host cannot do it.
        """
        check_sandbox(self.machine)
        take_name(self.machine)
        note_orphans(self.machine)
        run_folders.tidy(HomeLayout(self.machine.settings.home).checks)
        HomeLayout(self.machine.settings.home).kept_agents_file.unlink(missing_ok=True)
        for thread in (self._watchdog, self._doorbell, self._crew, self._heartbeat, self._rounds):
            thread.start()
        self._signals.start()
        threading.Thread(target=self._prepare, name="llm", daemon=True).start()
        self._streaming.start()
        say_ready(self.machine.settings, "worker")
        self._crew.hear(CeleryTaskName.RECONCILE_HOST)

    def hear(self, name: str, *ids: str) -> None:
        """Have the work of a bell done that came from the broker; returns at once."""
        self._hearing.note()
        self._crew.hear(name, *ids)

    def stop_beginning(self) -> None:
        """Begin no more work."""
        self.machine.stopping.set()

    def end(self) -> None:
        """Wait a little for the work at hand."""
        self.stop_beginning()
        self.machine.long_work.close(_LAST_WORK_SECONDS / 2)
        self._crew.close(_LAST_WORK_SECONDS / 2)
        self.machine.checks.close(_LAST_CHECKS_SECONDS)
        self.machine.senders.close(_LAST_CHECKS_SECONDS)

    def _prepare(self) -> None:
        """Make the clients of models; what is imported then stays, so it is never garbage."""
        self.machine.llm.prepare()
        gc.collect()
        gc.freeze()

    def _send(self, bell: Bell) -> None:
        # What any worker can do, this one does, unless it is about to end.
        own = bell.queue == host_queue(self.machine.name) or (
            bell.queue == CONTROL_QUEUE and not self.machine.stopping.is_set()
        )
        # A canary that did not come out of the queue would show nothing.
        if own and bell.name != CeleryTaskName.CANARY:
            self._crew.hear(bell.name, *bell.args)
        else:
            self._doorbell([bell])

    def _knock(self) -> bool:
        try:
            self._knocker.send(reconcile_bell(self.machine.name))
        except BrokerAway:
            return False
        return True


_current: list[WorkerProcess] = []


def current() -> WorkerProcess:
    """Return this process' worker; only Celery tasks of a started worker may call this."""
    return _current[0]


def begin(
    settings: Settings, answer: Callable[[Machine, str, tuple[str, ...]], None], bearer: Bearer
) -> WorkerProcess:
    """Make this process the worker of ``settings.host_name``; raises as its parts do."""
    configure_logging(settings.log_level)
    worker = WorkerProcess(settings, answer, bearer)
    _current[:] = [worker]
    worker.begin()
    signals.worker_shutting_down.connect(lambda **_: worker.stop_beginning(), weak=False)
    return worker


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


def open_machine(settings: Settings, send: Callable[[Bell], None]) -> Machine:
    """Return this host with its connections, without starting anything.

    Args:
        send: rings a bell; never waits.

    Raises:
        ConfigurationError: no database is set.
    """

    def ring(bells: list[Bell]) -> None:
        for bell in bells:
            send(bell)

    return Machine(
        settings=settings,
        # One less: the heartbeat has a connection of its own.
        db=Database(
            database_url(settings), ringer=ring, connections=settings.worker_connections - 1
        ),
        tmux=Tmux(HomeLayout(settings.home).tmux_socket),
        folders=folders_of(settings),
        send=send,
        programs=all_programs(settings.agent_programs),
        enclosure=enclosures.probed(sandboxed=settings.agent_sandbox != "none"),
    )


def database_url(settings: Settings) -> str:
    """Return the URL of the database.

    Raises:
        ConfigurationError: none is set.
    """
    if settings.database_url is None:
        raise ConfigurationError(
            "No database_url is set; set HEPHAESTUS_DATABASE_URL or run `hephaestus up`."
        )
    return settings.database_url


def check_sandbox(machine: Machine) -> None:
    """Check that agents are contained where a setting demands it.

    Raises:
        ConfigurationError: this host cannot.
    """
    got = machine.enclosure
    if machine.settings.agent_sandbox == "bubblewrap" and got.containment != Containment.SANDBOX:
        raise ConfigurationError(
            f"agents.sandbox is `bubblewrap`, but this host cannot contain agents: {got.obstacle}."
        )


def _show_life(settings: Settings) -> None:
    say_ready(settings, "worker")
    with suppress(OSError):  # a full disk must not end the worker; the next beat tries again
        ensure_caretaker(settings.home)
