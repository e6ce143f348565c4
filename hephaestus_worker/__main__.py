"""Start this host's worker: ``python -m hephaestus_worker``."""

from hephaestus_core.bells import CONTROL_QUEUE, host_queue
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.host_names import host_name
from hephaestus_worker import process
from hephaestus_worker.celery import create_app
from hephaestus_worker.host.machine import CONCURRENCY
from hephaestus_worker.host.naming import with_remembered_name


def main() -> None:
    settings = with_remembered_name(load_settings())
    name = host_name(settings)
    app = create_app(settings)
    process.configure(settings, app)
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
