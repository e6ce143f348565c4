"""Logins of repositories are stored encrypted, for one repository, and the last one counts."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login
from hephaestus_core.db.engine import Database
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.lifecycle.service import start_workflow
from hephaestus_core.repositories import store
from hephaestus_core.repositories.sealing import seal
from hephaestus_core.repositories.service import login_of
from tests.engine import Engine

URL = "https://host/a.git"
LOGIN = Login("me", "s3cret")


def launch(engine: Engine, login: Login | None, repository: str = URL) -> None:
    order = LaunchOrder(definition_id=engine.define(), repository=repository, login=login)
    assert "s3cret" not in repr(order)
    start_workflow(engine.db, order)


def test_the_last_login_counts_for_all_workflows_of_a_repository(engine: Engine) -> None:
    launch(engine, LOGIN)
    assert login_of(engine.db, URL) == LOGIN
    launch(engine, None)
    assert login_of(engine.db, URL) == LOGIN
    launch(engine, Login("t0ken", ""))
    assert login_of(engine.db, URL) == Login("t0ken", "")
    assert login_of(engine.db, "https://host/b.git") is None


def test_the_database_does_not_hold_a_login_that_can_be_read(engine: Engine) -> None:
    launch(engine, LOGIN)
    with engine.db.reading() as session:
        sealed: bytes = session.execute(text("SELECT sealed FROM repository_logins")).scalar_one()
    assert b"s3cret" not in sealed


def test_a_login_that_was_moved_to_another_repository_is_not_opened(engine: Engine) -> None:
    launch(engine, LOGIN)
    with engine.db.transaction() as session:
        session.execute(text("UPDATE repository_logins SET repository = 'https://evil/a'"))
    assert login_of(engine.db, "https://evil/a") is None


def test_a_new_password_of_the_database_closes_the_logins_until_they_are_given_again(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.db.transaction() as session:
        store.keep(session, URL, seal(LOGIN, URL, "the password before"))
    assert login_of(engine.db, URL) is None
    assert "repository_login_unreadable" in caplog.text
    launch(engine, LOGIN)
    assert login_of(engine.db, URL) == LOGIN


def test_without_a_password_of_the_database_a_login_is_refused(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    url = engine.db.engine.url.set(password="")
    other = Database(url.render_as_string(hide_password=False))
    order = LaunchOrder(definition_id=engine.define(), repository=URL, login=LOGIN)
    with pytest.raises(RepositoryError, match=r"credential\.helper") as refused:
        start_workflow(other, order)
    assert "s3cret" not in refused.value.message
    other.close()


def test_no_row_takes_a_url_with_a_login(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="no_login"):
        launch(engine, None, "HTTPS://me:pw@host/a.git")
