"""Start this host's worker: ``python -m hephaestus_worker``."""

from hephaestus_core.bells import CONTROL_QUEUE, host_queue
from hephaestus_core.config import load_settings
from hephaestus_worker import process
from hephaestus_worker.celery import create_app
from hephaestus_worker.host.machine import CONCURRENCY


def main() -> None:
    settings = load_settings()
    app = create_app(settings)
    process.configure(settings, app)
    app.worker_main(
        [
            "worker",
            "--pool=threads",
            f"--concurrency={CONCURRENCY}",
            f"--queues={host_queue(settings.host_name)},{CONTROL_QUEUE}",
            f"--hostname=hephaestus@{settings.host_name}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            f"--loglevel={settings.log_level}",
        ]
    )


if __name__ == "__main__":
    main()
