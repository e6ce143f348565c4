"""Agents that the caretaker has ended: the next worker says so of their attempts."""

import logging
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from hephaestus_core.agents import hosting
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.logging import log_event
from hephaestus_worker.agents.orphan_marks import MARK
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)

_REASON: Final = "it was without a stack for too long, so it was ended and its work saved"


def note_orphans(machine: Machine) -> None:
    """Record of each marked attempt that it ended by no fault of its own.

    The passes then finish it like any agent whose session is gone: its saved work is pushed, and
    its task is queued again.
    """
    for mark in machine.folders.agents.glob(f"*/{MARK}"):
        try:
            _note(machine, mark)
        except (SQLAlchemyError, OSError) as error:  # only the reason is lost
            log_event(logger, "orphan_not_noted", level=logging.WARNING, reason=error)


def _note(machine: Machine, mark: Path) -> None:
    agent_id = mark.parent.name
    log_event(logger, "orphan_found", level=logging.WARNING, agent_id=agent_id, reason=_REASON)
    try:
        hosting.record_interrupted(machine.db, UUID(agent_id), reason=_REASON)
    except (NotFound, ValueError):
        log_event(logger, "orphan_unknown", level=logging.WARNING, agent_id=agent_id)
    mark.unlink()
