"""The servers that all other integration tests stand on."""

import contextlib

import psycopg2
import redis

from tests.servers import Postgres, libpq_url


def _run(url: str, statement: str) -> None:
    with (
        contextlib.closing(psycopg2.connect(libpq_url(url))) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_each_database_is_a_copy_of_the_template(postgres_server: Postgres) -> None:
    template = postgres_server.create_database()
    _run(template, "CREATE TABLE thing (name text)")
    one, other = (postgres_server.create_database(template.rpartition("/")[2]) for _ in range(2))
    _run(one, "INSERT INTO thing VALUES ('a'); DROP TABLE thing")
    _run(other, "INSERT INTO thing VALUES ('a')")
    for url in (one, other, template):
        postgres_server.drop_database(url)


def test_vectors_can_be_stored(database_url: str) -> None:
    _run(database_url, "CREATE EXTENSION IF NOT EXISTS vector; CREATE TABLE v (e vector(3))")


def test_a_test_leaves_no_keys_to_the_next(redis_url: str) -> None:
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")
