"""Use cases of messages to agents."""

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
from hephaestus_core.messages.loops import is_loop
from hephaestus_core.messages.models import Message
from hephaestus_core.messages.recipients import at_work
from hephaestus_core.messages.rules import MOST_PASTES, UNDER_WAY, pause_after
from hephaestus_core.messages.views import MessageView, view
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import refusals_told

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent

#: Most messages that an agent gets at once, and most characters of them: a model pays for each.
_MOST_TAKEN: Final = 50
_MOST_TEXT: Final = 100_000


def send(
    db: Database,
    recipient_id: UUID,
    text: str,
    *,
    sender: str = "a person",
    sender_agent_id: UUID | None = None,
    interrupt: bool = False,
) -> MessageView:
    """Send a text to one agent; an agent may write to agents of its own workflow only.

    If two agents answer each other again and again, a person is told, and what they write waits in
    the mailbox.

    Args:
        interrupt: its turn is ended first, where its program can be interrupted by keys; for people
            only.

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
        if own is None:
            kind = SenderKind.PERSON
            return add(session, recipient_id, text, sender=sender, kind=kind, interrupts=interrupt)
        count_message(session, own)
        return _between_agents(session, own.id, recipient_id, text, sender=sender)


def _between_agents(
    session: Session, own_id: UUID, recipient_id: UUID, text: str, *, sender: str
) -> MessageView:
    looping, first = is_loop(session, own_id, recipient_id)
    sent = add(
        session,
        recipient_id,
        text,
        sender=sender,
        kind=SenderKind.AGENT,
        sender_agent_id=own_id,
        mailbox_only=looping,
    )
    if first:
        own = agents.get(session, own_id)
        looped = EventType.MESSAGES_LOOPED
        agents.tell(session, own, looped, message_id=str(sent.id), other_agent_id=recipient_id)
    return sent


def broadcast(
    db: Database, sender_agent_id: UUID, text: str, *, phase_id: int | None = None
) -> list[MessageView]:
    """Send a text to all other live agents of the sender's workflow; returns the messages.

    Args:
        phase_id: only to those at tasks of this phase.

    Raises:
        StaleAttempt: the sending agent's attempt is over.
        LimitReached: the sending agent has sent too many within a minute.
        InvalidInput: the workflow has no such phase.
    """
    with refusals_told(db), db.transaction() as session:
        _, own = agents.lock_current(session, sender_agent_id)
        count_message(session, own)
        kind, sender = SenderKind.AGENT, f"agent {own.id} to all"
        return [
            add(session, agent_id, text, sender=sender, kind=kind, sender_agent_id=own.id)
            for agent_id in at_work(session, own.workflow_id, phase_id)
            if agent_id != own.id
        ]


def broadcast_to(
    db: Database,
    workflow_id: UUID,
    text: str,
    *,
    sender: str = "a person",
    phase_id: int | None = None,
) -> list[MessageView]:
    """Send a text to all live agents of a workflow; returns the messages.

    Args:
        phase_id: only to those at tasks of this phase.

    Raises:
        NotFound: no such workflow.
        InvalidInput: the text is empty or too long, or the workflow has no such phase.
    """
    words = plain_text(text, "text", required=True)
    with db.transaction() as session:
        workflows.get(session, workflow_id)
        kind, sender = SenderKind.PERSON, f"{sender} to all"
        live = at_work(session, workflow_id, phase_id)
        return [add(session, agent_id, words, sender=sender, kind=kind) for agent_id in live]


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
        return [view(message) for message in taken], len(unread) > len(taken)


def next_for(db: Database, agent_id: UUID) -> MessageView | None:
    """Return the oldest message for an agent's program; None if it is not due yet.

    No later message overtakes it but one that interrupts, until it is left for the agent to fetch.
    """
    others = Message.recipient_agent_id != agent_id
    pasteable = others | (Message.pastes < MOST_PASTES)
    with db.reading() as session:
        mine = _undelivered(agents.get(session, agent_id))
        query = mine.where(pasteable, ~Message.mailbox_only).limit(1)
        first = session.scalars(query).one_or_none()
        not_before = None if first is None else first.not_before
        if first is None or (not_before is not None and not_before > database_now(session)):
            return None
        return view(first)


def is_under_way(session: Session, agent: "Agent", *, but_from: str) -> bool:
    """Say whether an agent is soon to get a message that it has not got yet.

    Joins the open transaction.

    Args:
        but_from: a sender whose messages do not count.
    """
    query = _undelivered(agent).where(
        ~Message.mailbox_only,
        Message.pastes < MOST_PASTES,
        Message.sender != but_from,
        Message.created_at > database_now(session) - UNDER_WAY,
    )
    return session.scalars(query.limit(1)).first() is not None


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
    mailbox_only: bool = False,
    interrupts: bool = False,
) -> MessageView:
    """Add a message to an agent and ring its host; joins the open transaction.

    If the attempt ends before it is delivered, the next attempt at the task gets it.

    Args:
        attempt_only: no other attempt gets it.
        mailbox_only: it is never pasted, only fetched.
        interrupts: the agent's turn is ended before it is pasted.

    Raises:
        InvalidInput: the text is empty or too long.
    """
    recipient = agents.get(session, recipient_id)
    message = Message(
        workflow_id=recipient.workflow_id,
        task_id=recipient.task_id,
        recipient_agent_id=recipient_id,
        attempt_only=attempt_only,
        mailbox_only=mailbox_only,
        interrupts=interrupts,
        sender_agent_id=sender_agent_id,
        sender_kind=kind,
        sender=sender,
        text=plain_text(text, "text", required=True),
    )
    session.add(message)
    session.flush()
    _emit(session, message, EventType.MESSAGE_SENT, sender=sender)
    if not mailbox_only:
        ring(session, delivery_bell(recipient.host, recipient_id))
    return view(message)


def withdraw(session: Session, message_id: UUID) -> bool:
    """Delete a message that has not been delivered; False if it has, or is gone."""
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.delivered_at is not None:
        return False
    session.delete(message)
    session.flush()
    return True


def _undelivered(agent: "Agent") -> Select[Message]:
    """Return the query for the messages that an agent has not got yet.

    Those that interrupt it come first, then the oldest.
    """
    mine = (Message.recipient_agent_id == agent.id) | ~Message.attempt_only
    return (
        select(Message)
        .where(Message.task_id == agent.task_id, Message.delivered_at.is_(None), mine)
        .order_by(Message.interrupts.desc(), Message.created_at)
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
