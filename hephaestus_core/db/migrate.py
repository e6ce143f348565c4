"""Bring a database to the newest schema: ``python -m hephaestus_core.db.migrate``.

Every start of a stack waits for this, and nearly always there is nothing to do. So all tables and
migrations are loaded only if the database's version is not the newest.
"""

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.database_url import with_driver, without_driver

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(url: str) -> None:
    """Run all pending migrations of the database at ``url``.

    Concurrent calls are safe: a lock in the database serializes them.
    """
    from alembic import command

    command.upgrade(configuration(url), "head")


def is_newest(url: str) -> bool:
    """Say whether the database surely has the newest schema; False if it does not answer."""
    newest = max(file.name for file in _migrations_folder().glob("versions/0*.py"))
    version = "SELECT version_num FROM alembic_version"
    with contextlib.suppress(psycopg2.Error):
        connection = psycopg2.connect(without_driver(url))
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(version)
            return cursor.fetchall() == [(newest.partition("_")[0],)]
    return False


def configuration(url: str) -> "Config":
    """Return Alembic's configuration for the database at ``url``."""
    from alembic.config import Config

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
    if not is_newest(url):
        upgrade(url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
