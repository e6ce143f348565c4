"""Logins of repositories."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class RepositoryLogin(Base):
    """The login that was last given for a repository, encrypted."""

    __tablename__ = "repository_logins"

    repository: Mapped[str] = mapped_column(primary_key=True)
    """The URL, without the login."""
    sealed: Mapped[bytes]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
