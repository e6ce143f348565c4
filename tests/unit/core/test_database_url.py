"""Whichever way a PostgreSQL URL is written, our driver is used."""

import pytest

from hephaestus_core.settings.database_url import with_driver, without_driver


@pytest.mark.parametrize("url", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg2://h/d"])
def test_every_way_to_write_the_url_of_postgresql_is_understood(url: str) -> None:
    assert with_driver(url) == "postgresql+psycopg2://h/d"


@pytest.mark.parametrize("url", ["postgresql://h/d", "postgresql+psycopg2://h/d"])
def test_libpq_gets_a_url_that_it_understands(url: str) -> None:
    assert without_driver(url) == "postgresql://h/d"
