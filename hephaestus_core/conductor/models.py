"""What the Conductor knows: the lines that agents have changed, and how workflows stand by it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class TouchedLines(Base):
    """The lines that a live agent's saved work changes; its host writes it."""

    __tablename__ = "touched_lines"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    commit: Mapped[str]
    """The saved work that it is about."""
    files: Mapped[list[dict[str, Any]]]


class Coherence(Base):
    """How the agents of a workflow got along at the last look; without a row nobody has looked."""

    __tablename__ = "coherences"
    __table_args__ = (
        Index("ix_coherences_low", "low_since", postgresql_where=text("low_since IS NOT NULL")),
    )

    workflow_id: Mapped[UUID] = mapped_column(ForeignKey("workflows.id"), primary_key=True)
    coherence: Mapped[float]
    agents: Mapped[int]
    findings: Mapped[list[dict[str, Any]]]
    compared: Mapped[list[str]]
    """Ids of the tasks whose texts were compared with each other; anew only once they change."""
    same: Mapped[list[dict[str, Any]]]
    """The pairs of them that ask for the same work."""
    told: Mapped[list[str]]
    """Findings of which both agents were told."""
    low_since: Mapped[datetime | None]
    """Since when it has been so low that a person is told."""
    looked_at: Mapped[datetime]
