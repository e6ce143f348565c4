"""What the agents of a task were told; every function joins the open transaction."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.statuses import SenderKind
from hephaestus_core.messages.models import Message

_BY_PEOPLE = Message.sender_kind == SenderKind.PERSON


def told_counts(session: Session, task_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many messages of people each of these tasks has; those without are left out."""
    query = (
        select(Message.task_id, func.count())
        .where(Message.task_id.in_(task_ids), _BY_PEOPLE)
        .group_by(Message.task_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def typed_counts(session: Session, recipients: Mapping[UUID, UUID]) -> dict[UUID, int]:
    """Return how often a message was typed into the terminal of each of these agents.

    Args:
        recipients: the tasks of the agents, by the agents' ids.
    """
    typed = func.sum(Message.pastes) + func.count(Message.delivered_at)
    query = (
        select(Message.recipient_agent_id, typed)
        .where(
            Message.task_id.in_(set(recipients.values())),
            Message.recipient_agent_id.in_(recipients),
        )
        .group_by(Message.recipient_agent_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def newest_told(session: Session, task_id: UUID, *, limit: int) -> list[str]:
    """Return the newest messages of people for a task, oldest first."""
    query = (
        select(Message.text)
        .where(Message.task_id == task_id, _BY_PEOPLE)
        .order_by(Message.created_at.desc())
        .limit(limit)
    )
    return list(reversed(session.scalars(query).all()))


def was_told(session: Session, agent_id: UUID, words: str) -> bool:
    """Say whether these words were sent to an agent before, delivered or not."""
    query = select(Message.id).where(Message.recipient_agent_id == agent_id, Message.text == words)
    return session.scalar(query.limit(1)) is not None


def is_on_its_way(session: Session, task_id: UUID, words: str) -> bool:
    """Say whether a message with these words waits to be delivered to the agent of a task."""
    query = select(Message.id).where(
        Message.task_id == task_id, Message.delivered_at.is_(None), Message.text == words
    )
    return session.scalar(query.limit(1)) is not None


def has_unheard(session: Session, agent_id: UUID, *, sender: str) -> bool:
    """Say whether an agent has still to get a message of a sender."""
    query = select(Message.id).where(
        Message.recipient_agent_id == agent_id,
        Message.delivered_at.is_(None),
        Message.sender == sender,
        Message.sender_kind == SenderKind.SYSTEM,
    )
    return session.scalar(query.limit(1)) is not None
