"""Messages as senders, recipients and people see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hephaestus_core.contract.statuses import MessageStatus, SenderKind

if TYPE_CHECKING:
    from hephaestus_core.messages.models import Message


@dataclass(frozen=True)
class MessageView:
    """A message to an agent, with its receipt; times are UTC."""

    id: UUID
    workflow_id: UUID
    task_id: UUID
    """The task of its recipient; what is unread goes to the next attempt at it."""
    recipient_agent_id: UUID
    sender: str
    sender_kind: SenderKind
    sender_agent_id: UUID | None
    text: str
    status: MessageStatus
    created_at: datetime
    delivered_at: datetime | None
    interrupts: bool
    """Its agent's turn is ended first."""


def view(message: "Message") -> MessageView:
    """Return the message as readers see it."""
    return MessageView(
        id=message.id,
        workflow_id=message.workflow_id,
        task_id=message.task_id,
        recipient_agent_id=message.recipient_agent_id,
        sender=message.sender,
        sender_kind=message.sender_kind,
        sender_agent_id=message.sender_agent_id,
        text=message.text,
        status=_status(message),
        created_at=message.created_at,
        delivered_at=message.delivered_at,
        interrupts=message.interrupts,
    )


def _status(message: "Message") -> MessageStatus:
    if message.delivered_at is None:
        return MessageStatus.SENT
    asked = message.delivered_by == "asked"
    return MessageStatus.READ if asked else MessageStatus.DELIVERED
