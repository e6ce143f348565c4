"""Views of questions: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question that an agent has asked a person."""

    id: str
    workflow_id: str = ""
    task_id: str = ""
    agent_id: str = ""
    text: str = ""
    options: tuple[str, ...] = ()
    """The answers to choose from; empty: any text."""
    status: str = ""
    """open, answered, expired or cancelled."""
    answer: str | None = None
    answered_by: str | None = None
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    """Until when it can be answered; after that its agent decides by itself."""
    ended_at: datetime | None = None
