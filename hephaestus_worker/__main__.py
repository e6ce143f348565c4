"""Start this host's worker: ``python -m hephaestus_worker``.

The exit status is 78 if its home or its name belongs to another worker. SIGUSR2 writes the stacks
of all threads to its log, also those of a worker that hangs.
"""

import faulthandler
import signal
import sys

from celery import Celery

from hephaestus_core.bells import CONTROL_QUEUE, host_queue
from hephaestus_core.contract.errors import ConfigurationError, Conflict
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_core.settings.host_names import host_name
from hephaestus_worker import process
from hephaestus_worker.celery import create_app
from hephaestus_worker.host.caretaking import wait_for_caretaker
from hephaestus_worker.host.home_lock import TAKEN_STATUS, take_home
from hephaestus_worker.host.naming import with_remembered_name
from hephaestus_worker.tasks.answers import answer

#: Threads that receive bells; the host's crew does the work.
_RECEIVERS = 2


def main() -> None:
    faulthandler.register(signal.SIGUSR2, all_threads=True)
    settings = load_settings()
    app = create_app(settings)
    app.loader.import_default_modules()  # the answers to all bells
    try:
        bearer = take_home(settings.home)
        wait_for_caretaker(settings.home)
        settings = with_remembered_name(settings)
        worker = process.begin(settings, answer, bearer)
    except Conflict as error:
        sys.stderr.write(f"hephaestus worker: {error.message}\n")
        sys.exit(TAKEN_STATUS)
    except ConfigurationError as error:
        sys.exit(f"hephaestus worker: {error.message}")
    name = host_name(settings)
    try:
        _receive(app, settings, name)
    finally:
        worker.end()


def _receive(app: Celery, settings: Settings, name: str) -> None:
    """Hand over the bells that come from the broker, until the worker is told to stop."""
    app.worker_main(
        [
            "worker",
            "--pool=threads",
            f"--concurrency={_RECEIVERS}",
            f"--queues={host_queue(name)},{CONTROL_QUEUE}",
            f"--hostname=hephaestus@{name}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            f"--loglevel={settings.log_level}",
        ]
    )


if __name__ == "__main__":
    main()
