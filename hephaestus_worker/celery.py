"""The Celery application of workers and beat, put together."""

from celery import Celery

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings
from hephaestus_worker import celeryconfig
from hephaestus_worker.schedule import beat_schedule


def create_app(settings: Settings) -> Celery:
    """Return the application with its tasks, schedule and broker."""
    if settings.redis_url is None:
        raise ConfigurationError(
            "No redis_url is set; set HEPHAESTUS_REDIS_URL or run `hephaestus up`."
        )
    application = Celery(
        "hephaestus",
        broker=settings.redis_url,
        include=[
            f"hephaestus_worker.tasks.{noun}" for noun in ("access", "agents", "guardian", "hosts")
        ],
    )
    application.config_from_object(celeryconfig)
    application.conf.beat_schedule = beat_schedule(settings)
    application.conf.beat_schedule_filename = str(HomeLayout(settings.home).beat_schedule)
    return application
