"""Bring a database to the newest schema: ``python -m hephaestus_core.db.migrate``."""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.database_url import with_driver


def upgrade(url: str) -> None:
    """Run all pending migrations of the database at ``url``.

    Concurrent calls are safe: a lock in the database serializes them.
    """
    command.upgrade(configuration(url), "head")


def configuration(url: str) -> Config:
    """Return Alembic's configuration for the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(_migrations_folder()))
    config.attributes["url"] = with_driver(url)
    return config


def _migrations_folder() -> Path:
    return Path(__file__).resolve().parents[2] / "migrations"


def main() -> int:
    url = load_settings(environ=os.environ).database_url
    if url is None:
        raise ConfigurationError(
            "No database_url is set; set HEPHAESTUS_DATABASE_URL or run `hephaestus up`."
        )
    upgrade(url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
