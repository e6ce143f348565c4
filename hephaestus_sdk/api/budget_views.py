"""Views of budgets: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The most that some agents may use together, with what they have used."""

    id: str
    scope: str = ""
    """task, workflow or day."""
    workflow_id: str | None = None
    """The workflow, or that of the task; None for the day."""
    task_id: str | None = None
    dollars: float | None = None
    """The most dollars; None: as many as they like."""
    tokens: int | None = None
    """The most tokens of all kinds; None: as many as they like."""
    action: str = ""
    """warn, park or stop."""
    status: str = ""
    """open, near (80 %) or spent."""
    status_since: datetime | None = None
    used_dollars: float = 0.0
    """As far as prices are known."""
    used_tokens: int = 0
    unpriced_tokens: int = 0
    """Of these, tokens of models whose price is not known; they are not in ``used_dollars``."""
    told: str = ""
    """What is used of it, in words."""
    set_by: str = ""
    created_at: datetime | None = None
