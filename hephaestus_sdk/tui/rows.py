"""A row of a list: one thing, as short as a terminal of 80 columns needs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.attention_views import AttentionItem
from hephaestus_sdk.api.views import Task, Workflow

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "m"))

Thing = AttentionItem | Workflow | Task | Agent


@dataclass(frozen=True)
class Row:
    """One thing of a list, and what else belongs to it."""

    key: str
    sign: Sign
    title: str
    state: str
    """How it stands in a word or two, where the terminal is wide enough."""
    since: datetime | None
    thing: Thing
    workflow_id: str | None = None
    task_id: str | None = None
    agent_id: str | None = None

    def has(self, wanted: str) -> bool:
        """Say whether the row has this text, in letters of any case."""
        return wanted.casefold() in f"{self.title} {self.state} {self.sign.words}".casefold()

    @property
    def name(self) -> str:
        """The title in quotes, short enough for a question."""
        return f"'{first_line(self.title, 50)}'"


def age(since: datetime | None, now: datetime) -> str:
    """Return how long ago that was, in one unit: at most four characters."""
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
