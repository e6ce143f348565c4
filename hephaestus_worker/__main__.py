"""Start this host's worker: ``python -m hephaestus_worker``.

The exit status is 78 if its home or its name belongs to another worker.
"""

import sys

from hephaestus_core.bells import CONTROL_QUEUE, host_queue
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.host_names import host_name
from hephaestus_worker import process
from hephaestus_worker.celery import create_app
from hephaestus_worker.host.home_lock import TAKEN_STATUS, take_home
from hephaestus_worker.host.machine import CONCURRENCY
from hephaestus_worker.host.naming import with_remembered_name


def main() -> None:
    settings = load_settings()
    app = create_app(settings)
    try:
        bearer = take_home(settings.home)
        settings = with_remembered_name(settings)
        process.configure(settings, app, bearer)
    except Conflict as error:
        sys.stderr.write(f"hephaestus worker: {error.message}\n")
        sys.exit(TAKEN_STATUS)
    name = host_name(settings)
    app.worker_main(
        [
            "worker",
            "--pool=threads",
            f"--concurrency={CONCURRENCY}",
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
