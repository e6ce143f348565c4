"""The Celery application of a worker, put together."""

from celery import Celery

from hephaestus_core.settings.config import Settings
from hephaestus_worker import celeryconfig
from hephaestus_worker.broker import broker_url


def create_app(settings: Settings) -> Celery:
    """Return the application with its tasks and broker."""
    application = Celery(
        "hephaestus",
        broker=broker_url(settings),
        include=[
            f"hephaestus_worker.tasks.{noun}"
            for noun in (
                *("access", "agents", "guardian", "hosts", "llm", "memories", "notifications"),
                *("questions", "vectors"),
            )
        ],
    )
    application.config_from_object(celeryconfig)
    return application
