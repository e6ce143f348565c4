"""Views of the Guardian's acts as the API returns them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Intervention:
    """An act of the Guardian on an agent that does not get on."""

    id: str
    workflow_id: str = ""
    task_id: str = ""
    agent_id: str = ""
    attempt: int = 0
    cause: str = ""
    """The verdict for which it was done."""
    key: str = ""
    """Tells causes with the same verdict apart."""
    evidence: tuple[str, ...] = ()
    """What the verdict was based on, in lines."""
    action: str = ""
    """steer, steer_otherwise, interrupt, restart, renew, next_program, retry, wait or park."""
    text: str | None = None
    """The message to the agent, or the question to a person."""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    """When its message reached the agent; None: it has none, or it has not yet."""
    effect: str | None = None
    """headway, none or ended; None: no later look has found it yet."""
    followed_up_at: datetime | None = None
    undone_by: str | None = None
    """The person who took it back."""
    undone_at: datetime | None = None

    @property
    def outcome(self) -> str:
        """The effect in words."""
        if self.undone_by:
            return f"undone by {self.undone_by}"
        return {None: "not known yet", "none": "no effect"}.get(self.effect, self.effect or "")
