"""Workflow definitions."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, true
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base


class WorkflowDefinition(Base):
    """A workflow definition. Saving it again replaces it; running workflows keep their phases."""

    __tablename__ = "workflow_definitions"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    phases: Mapped[list[dict[str, Any]]]
    config: Mapped[dict[str, Any]]
    launch_template: Mapped[dict[str, Any] | None]
    offered: Mapped[bool] = mapped_column(server_default=true())
    """Whether it is offered to people for launch."""
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
    """The row of a deleted definition stays, as its workflows refer to it."""
