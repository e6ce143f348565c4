"""Rows of logins; every function joins the open transaction."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.repositories.models import RepositoryLogin


def keep(session: Session, repository: str, sealed: bytes) -> None:
    """Store the encrypted login of a repository in place of an earlier one."""
    values = {"sealed": sealed, "updated_at": func.now()}
    statement = insert(RepositoryLogin).values(repository=repository, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["repository"], set_=values))


def find(session: Session, repository: str) -> bytes | None:
    """Return the encrypted login of a repository; None if none was given."""
    query = select(RepositoryLogin.sealed).where(RepositoryLogin.repository == repository)
    return session.scalar(query)
