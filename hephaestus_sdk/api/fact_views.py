"""Views of what is known about a repository."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A fact that counts in a workflow."""

    name: str
    """setup_command, test_command, lint_command, build_command or notes."""
    value: str = ""
    recorded_by: str = ""
    """The agent or the person; ``launch`` for what the workflow was started with."""
    agent_id: str | None = None
    workflow_id: str | None = None
    """The workflow in which it was recorded: this one, or another on the same repository,
    which may be deleted."""
    recorded_at: datetime | None = None
