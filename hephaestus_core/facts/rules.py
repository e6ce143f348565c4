"""Which facts there are, and how long they may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hephaestus_core.contract.commands import COMMANDS
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import plain_text

NOTES: Final = "notes"
#: The names of all facts: commands, and one free text.
FACTS: Final = (*COMMANDS, "build_command", NOTES)

#: Most characters of a command, and of the notes. They stand in every later prompt.
_COMMAND_LIMIT: Final = 500
_NOTES_LIMIT: Final = 2000


@dataclass(frozen=True)
class FactView:
    """A fact that counts in a workflow."""

    name: str
    value: str
    recorded_by: str
    """The agent or the person; ``launch`` for what the workflow was started with."""
    agent_id: UUID | None = None
    workflow_id: UUID | None = None
    """The workflow in which it was recorded; another one on the same repository, or this.
    Another may be deleted."""
    recorded_at: datetime | None = None


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """Return facts that may be stored.

    Raises:
        InvalidInput: none is named, one is unknown, or its text is too long.
    """
    known = ", ".join(FACTS)
    for name in values:
        if name not in FACTS:
            raise InvalidInput(f"Unknown fact {name!r}; known: {known}.", field=name)
    if not values:
        raise InvalidInput(f"Name at least one fact: {known}.")
    limits = {NOTES: _NOTES_LIMIT}
    return {
        name: plain_text(value, name, limit=limits.get(name, _COMMAND_LIMIT)).strip()
        for name, value in values.items()
    }
