"""Alembic's entry: one connection, one lock, one transaction."""

from alembic import context
from sqlalchemy import create_engine, text

from hephaestus_core.tables import metadata

#: Only one process migrates a database at a time.
LOCK_KEY = 0x4845_5042


def run() -> None:
    engine = create_engine(context.config.attributes["url"])
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            compare_server_default=True,
        )
        context.run_migrations()
    engine.dispose()


run()
