"""Two agents that answer each other without end: a person is told, and neither is interrupted."""

from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.messages.models import Message
from hephaestus_core.messages.rules import LOOP_TIME, LOOPING_ANSWERS, answers

#: More than enough to find a loop in.
_MOST_READ: Final = 200


def between(session: Session, one: UUID, other: UUID) -> list[Message]:
    """Return what two agents have written to each other within the last minutes, oldest first."""
    pair = (one, other)
    query = (
        select(Message)
        .where(
            Message.sender_agent_id.in_(pair),
            Message.recipient_agent_id.in_(pair),
            Message.created_at > func.now() - LOOP_TIME,
        )
        .order_by(Message.created_at.desc())
        .limit(_MOST_READ)
    )
    return list(session.scalars(query))[::-1]


def is_loop(session: Session, sender: UUID, recipient: UUID) -> tuple[bool, bool]:
    """Return whether one more message makes or goes on with a loop, and whether it is the first."""
    before = between(session, sender, recipient)
    senders = [message.sender_agent_id for message in before] + [sender]
    looping = answers(senders) >= LOOPING_ANSWERS
    return looping, looping and not any(message.mailbox_only for message in before)
