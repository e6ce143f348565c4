"""Separate databases on the server of a stack, for measures that fill them directly."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from sqlalchemy import text

from bench.surroundings import Stack
from hephaestus_core import tables  # noqa: F401 - makes all tables known
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.db.migrate import upgrade


@contextmanager
def new_database(stack: Stack, name: str) -> Iterator[tuple[Database, str]]:
    """Make a database with Hephaestus's schema on the stack's server; yield it with its URL."""
    server = json.loads(HomeLayout(stack.home).stack_file.read_text())["database_url"]
    url = f"{server.rpartition('/')[0]}/{name}"
    with closing(psycopg2.connect(server.replace("+psycopg2", ""))) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
    upgrade(url)
    with closing(Database(url)) as database:
        yield database, url


def settle(database: Database) -> None:
    """Run the maintenance that PostgreSQL would otherwise start during a measurement."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = '300s'"))
        connection.execute(text("VACUUM ANALYZE"))
