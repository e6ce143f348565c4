"""The loss of hosts: accepted work is merged though nobody ends its attempt any more."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from hephaestus_core.agents import leases
from hephaestus_core.changes.endings import merge_saved
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks.accepted import closed_its_workflow

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task


def expire(db: Database, *, confirm_seconds: float) -> list[str]:
    """Take the attempts from silent hosts, as :func:`leases.expire` does; returns their names."""
    return leases.expire(db, confirm_seconds=confirm_seconds, take_over=_merge_accepted)


def _merge_accepted(session: Session, task: "Task", agent: "Agent") -> bool:
    if not closed_its_workflow(session, task):
        return False
    merge_saved(session, task, agent)
    return True
