"""What agents and people have found out about repositories."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class Fact(Base):
    """One statement about a repository: per workflow and name, the last of agents and of people."""

    __tablename__ = "facts"
    __table_args__ = (Index("ix_facts_repository_name", "repository", "name"),)

    workflow_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The workflow in which it was recorded. The fact is of the repository, and outlives it."""
    name: Mapped[str] = mapped_column(primary_key=True)
    of_person: Mapped[bool] = mapped_column(primary_key=True)
    repository: Mapped[str]
    agent_id: Mapped[UUID | None]
    """The attempt that recorded it, which may be deleted; None: a person."""
    value: Mapped[str]
    """Empty: the fact is taken back."""
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
