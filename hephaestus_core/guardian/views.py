"""Interventions as readers see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hephaestus_core.contract.statuses import InterventionAction, InterventionEffect

if TYPE_CHECKING:
    from hephaestus_core.guardian.models import Intervention


@dataclass(frozen=True, kw_only=True)
class InterventionView:
    """An act of the Guardian on an attempt; times are UTC."""

    id: UUID
    workflow_id: UUID
    task_id: UUID
    agent_id: UUID
    attempt: int
    cause: str
    """The verdict for which it was done."""
    key: str
    """Tells causes with the same verdict apart."""
    evidence: list[str]
    """What the verdict was based on, in lines."""
    action: InterventionAction
    text: str | None
    """The message to the agent, or the question to a person."""
    sent_at: datetime
    delivered_at: datetime | None
    """When its message reached the agent; None: it has none, or it has not yet."""
    effect: InterventionEffect | None
    """None: no later look has found it yet."""
    followed_up_at: datetime | None
    undone_by: str | None
    """The person who took it back."""
    undone_at: datetime | None


def view(row: "Intervention", delivered_at: datetime | None) -> InterventionView:
    """Return the intervention as readers see it."""
    return InterventionView(
        id=row.id,
        workflow_id=row.workflow_id,
        task_id=row.task_id,
        agent_id=row.agent_id,
        attempt=row.attempt,
        cause=row.cause,
        key=row.key,
        evidence=row.evidence,
        action=row.action,
        text=row.text,
        sent_at=row.sent_at,
        delivered_at=delivered_at,
        effect=row.effect,
        followed_up_at=row.followed_up_at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )
