"""Logins of repositories: kept encrypted at a launch, read by hosts."""

import logging
import os

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login
from hephaestus_core.db.engine import Database
from hephaestus_core.logging import log_event
from hephaestus_core.repositories import store
from hephaestus_core.repositories.sealing import seal, unseal

_log = logging.getLogger(__name__)


def sealed_login(db: Database, repository: str, login: Login | None) -> bytes | None:
    """Return the login as it is stored; None for none.

    Raises:
        RepositoryError: the database has no password, so nothing could protect the login.
    """
    if login is None:
        return None
    secret = _secret(db)
    if not secret:
        raise RepositoryError(
            "The login in the repository's URL cannot be kept, because the database's URL has no "
            "password to encrypt it with. Leave the login out, and give it to git on each host "
            "(`git config credential.helper`).",
            field="main_repo_path",
        )
    return seal(login, repository, secret)


def login_of(db: Database, repository: str) -> Login | None:
    """Return the login that was last given for the repository; None if hosts have to know one."""
    with db.reading() as session:
        sealed = store.find(session, repository)
    if sealed is None:
        return None
    login = unseal(sealed, repository, _secret(db))
    if login is None:
        log_event(_log, "repository_login_unreadable", level=logging.WARNING, repository=repository)
    return login


def _secret(db: Database) -> str:
    return str(db.engine.url.password or os.environ.get("PGPASSWORD", ""))
