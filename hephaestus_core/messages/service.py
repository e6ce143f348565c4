"""Use cases of messages to agents."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.allowances import count_message
from hephaestus_core.agents.states import ENDED
from hephaestus_core.bells import delivery_bell
from hephaestus_core.contract.errors import Conflict, Forbidden
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import SenderKind
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database, database_now, ring
from hephaestus_core.events.log import emit
from hephaestus_core.messages import rules
from hephaestus_core.messages.models import Message
from hephaestus_core.messages.rules import MOST_PASTES, pause_after
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import refusals_told

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent

#: Most messages that an agent gets at once, and most characters of them: a model pays for each.
_MOST_TAKEN: Final = 50
_MOST_TEXT: Final = 100_000


@dataclass(frozen=True)
class MessageView:
    """A message as its recipient sees it."""

    id: UUID
    recipient_agent_id: UUID
    sender: str
    sender_kind: SenderKind
    text: str
    created_at: datetime


def send(
    db: Database,
    recipient_id: UUID,
    text: str,
    *,
    sender: str = "a person",
    sender_agent_id: UUID | None = None,
) -> MessageView:
    """Send a text to one agent; an agent may write to agents of its own workflow only.

    Raises:
        NotFound: no such agent.
        Conflict: the recipient has ended.
        Forbidden: the recipient is an agent of another workflow.
        StaleAttempt: the sending agent's attempt is over.
        LimitReached: the sending agent has sent too many within a minute.
    """
    with refusals_told(db), db.transaction() as session:
        # First, so that an agent whose attempt is over learns nothing.
        own = agents.lock_current(session, sender_agent_id)[1] if sender_agent_id else None
        recipient = agents.get(session, recipient_id)
        if own is not None and own.workflow_id != recipient.workflow_id:
            raise Forbidden(f"Agent {recipient_id} works in another workflow.")
        if recipient.status in ENDED:
            raise Conflict(
                f"Agent {recipient_id} has ended ({recipient.status}) and gets no messages; "
                "list the live agents."
            )
        if own is not None:
            count_message(session, own)
        return add(
            session,
            recipient_id,
            text,
            sender=sender,
            kind=SenderKind.PERSON if own is None else SenderKind.AGENT,
            sender_agent_id=sender_agent_id,
        )


def broadcast(db: Database, sender_agent_id: UUID, text: str) -> int:
    """Send a text to all other live agents of the sender's workflow; returns how many.

    Raises:
        StaleAttempt: the sending agent's attempt is over.
        LimitReached: the sending agent has sent too many within a minute.
    """
    with refusals_told(db), db.transaction() as session:
        _, own = agents.lock_current(session, sender_agent_id)
        count_message(session, own)
        others = [
            agent
            for agent in agents.live_of_workflow(session, own.workflow_id)
            if agent.id != own.id
        ]
        for agent in others:
            sender = f"agent {own.id} to all"
            kind = SenderKind.AGENT
            add(session, agent.id, text, sender=sender, kind=kind, sender_agent_id=own.id)
        return len(others)


def broadcast_to(
    db: Database, workflow_id: UUID, text: str, *, sender: str = "a person"
) -> list[MessageView]:
    """Send a text to all live agents of a workflow; returns the messages.

    Raises:
        NotFound: no such workflow.
        InvalidInput: the text is empty or too long.
    """
    words = plain_text(text, "text", required=True)
    with db.transaction() as session:
        workflows.get(session, workflow_id)
        live = agents.live_of_workflow(session, workflow_id)
        kind, sender = SenderKind.PERSON, f"{sender} to all"
        return [add(session, agent.id, words, sender=sender, kind=kind) for agent in live]


def take_unread(db: Database, agent_id: UUID) -> tuple[list[MessageView], bool]:
    """Return an agent's undelivered messages, oldest first, and mark them as delivered.

    There are at most 50, of about 100,000 characters together; True if more are left.

    Raises:
        StaleAttempt: the agent's attempt is over.
    """
    with db.transaction() as session:
        _, agent = agents.lock_current(session, agent_id)
        query = _undelivered(agent).limit(_MOST_TAKEN + 1).with_for_update()
        unread = list(session.scalars(query))
        taken = unread[: rules.fitting([len(m.text) for m in unread[:_MOST_TAKEN]], _MOST_TEXT)]
        for message in taken:
            _delivered(session, message, agent_id, "asked")
        return [_view(message) for message in taken], len(unread) > len(taken)


def next_for(db: Database, agent_id: UUID) -> MessageView | None:
    """Return the oldest message for an agent's program; None if it is not due yet.

    No later message overtakes it, until it is left for the agent to fetch.
    """
    others = Message.recipient_agent_id != agent_id
    pasteable = others | (Message.pastes < MOST_PASTES)
    with db.reading() as session:
        query = _undelivered(agents.get(session, agent_id)).where(pasteable).limit(1)
        first = session.scalars(query).one_or_none()
        not_before = None if first is None else first.not_before
        if first is None or (not_before is not None and not_before > database_now(session)):
            return None
        return _view(first)


def put_off(db: Database, message_id: UUID, agent_id: UUID, *, pasted: bool) -> None:
    """Record that an agent did not confirm a message, so that it is tried again later.

    Args:
        pasted: whether it was pasted. After ``MOST_PASTES`` pastes it is left for the agent to
            fetch.
    """
    with db.transaction() as session:
        message = session.get(Message, message_id, with_for_update=True)
        if message is None or message.delivered_at is not None:
            return
        if message.recipient_agent_id != agent_id:
            message.recipient_agent_id, message.pastes = agent_id, 0
        message.pastes += int(pasted)
        message.not_before = database_now(session) + pause_after(message.pastes)
        if message.pastes == MOST_PASTES:
            _emit(session, message, EventType.MESSAGE_LEFT, pastes=message.pastes)


def record_delivered(db: Database, message_id: UUID, agent_id: UUID) -> bool:
    """Record that a message was pasted to an agent; False if it was delivered before."""
    with db.transaction() as session:
        message = session.get(Message, message_id, with_for_update=True)
        if message is None or message.delivered_at is not None:
            return False
        _delivered(session, message, agent_id, "pasted")
        return True


def add(
    session: Session,
    recipient_id: UUID,
    text: str,
    *,
    sender: str,
    kind: SenderKind = SenderKind.SYSTEM,
    sender_agent_id: UUID | None = None,
    attempt_only: bool = False,
) -> MessageView:
    """Add a message to an agent and ring its host; joins the open transaction.

    If the attempt ends before it is delivered, the next attempt at the task gets it.

    Args:
        attempt_only: no other attempt gets it.

    Raises:
        InvalidInput: the text is empty or too long.
    """
    recipient = agents.get(session, recipient_id)
    message = Message(
        workflow_id=recipient.workflow_id,
        task_id=recipient.task_id,
        recipient_agent_id=recipient_id,
        attempt_only=attempt_only,
        sender_agent_id=sender_agent_id,
        sender_kind=kind,
        sender=sender,
        text=plain_text(text, "text", required=True),
    )
    session.add(message)
    session.flush()
    _emit(session, message, EventType.MESSAGE_SENT, sender=sender)
    ring(session, delivery_bell(recipient.host, recipient_id))
    return _view(message)


def _undelivered(agent: "Agent") -> Select[Message]:
    """Return the query for the messages that an agent has not got yet, oldest first."""
    mine = (Message.recipient_agent_id == agent.id) | ~Message.attempt_only
    return (
        select(Message)
        .where(Message.task_id == agent.task_id, Message.delivered_at.is_(None), mine)
        .order_by(Message.created_at)
    )


def _delivered(session: Session, message: Message, agent_id: UUID, how: str) -> None:
    message.recipient_agent_id = agent_id
    message.delivered_at, message.delivered_by = database_now(session), how
    _emit(session, message, EventType.MESSAGE_DELIVERED, how=how)


def _emit(session: Session, message: Message, type_: EventType, **data: Any) -> None:
    emit(
        session,
        type_,
        workflow_id=message.workflow_id,
        agent_id=message.recipient_agent_id,
        message_id=str(message.id),
        **data,
    )


def _view(message: Message) -> MessageView:
    return MessageView(
        id=message.id,
        recipient_agent_id=message.recipient_agent_id,
        sender=message.sender,
        sender_kind=message.sender_kind,
        text=message.text,
        created_at=message.created_at,
    )
