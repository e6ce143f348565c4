"""Tools about the agents beside one, and messages between them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents.service import list_agents
from hephaestus_core.contract.senders import introduced
from hephaestus_core.messages import service
from hephaestus_core.messages.mailbox import read_box
from hephaestus_core.messages.views import MessageView
from hephaestus_web.mcp.identity import CallContext, agent_door, live_door
from hephaestus_web.mcp.shapes import (
    Cursor,
    Limit,
    NextCursor,
    OnlyAgents,
    Sent,
    sent_to,
    shortened,
)
from hephaestus_web.requests.cursors import cursor_key, cursor_text

Box = Annotated[
    Literal["unread", "earlier", "sent"],
    Field(description="unread; earlier: read before; sent: by you, with receipts in 'status'."),
]
#: Characters of each text of a list of earlier messages.
_TEXT: Final = 2000
Text = Annotated[str, Field(description="The message, as plain text.")]


@dataclass(frozen=True)
class Colleague:
    """A live agent of the workflow."""

    agent_id: UUID
    task_id: UUID
    status: str
    program: str
    host: str
    started_at: datetime
    is_you: bool


@dataclass(frozen=True)
class Colleagues:
    """The live agents of a workflow."""

    agents: list[Colleague]


@dataclass(frozen=True)
class Mail(MessageView):
    """A message, and whether its sender may order."""

    sender_is: str


@dataclass(frozen=True)
class Inbox:
    """Messages: the unread ones oldest first, others newest first."""

    messages: list[Mail]
    more: Annotated[bool, Field(description="There are more unread ones; call again.")]
    next_cursor: NextCursor


@dataclass(frozen=True)
class Health:
    """The server answers, and knows who calls."""

    status: str
    agent_id: UUID
    task_id: UUID


def get_agent_status(context: CallContext) -> Colleagues:
    """Return the live agents of the caller's workflow."""
    own = live_door(context)
    live = list_agents(own.database, workflow_id=own.caller.workflow_id, live=True)
    return Colleagues(
        [
            Colleague(
                agent_id=agent.id,
                task_id=agent.task_id,
                status=agent.status,
                program=agent.program,
                host=agent.host,
                started_at=agent.started_at,
                is_you=agent.id == own.agent_id,
            )
            for agent in live
        ]
    )


def send_message(
    context: CallContext,
    recipient_agent_id: Annotated[UUID, Field(description="From get_agent_status.")],
    message: Text,
) -> Sent:
    """Send a message to one agent of the caller's workflow."""
    own = agent_door(context)
    sent = service.send(
        own.database,
        recipient_agent_id,
        message,
        sender=f"agent {own.agent_id}",
        sender_agent_id=own.agent_id,
    )
    return sent_to([sent])


def broadcast_message(context: CallContext, message: Text, phase_id: OnlyAgents = -1) -> Sent:
    """Send a message to all other live agents of the caller's workflow, or of one phase."""
    own = agent_door(context)
    phase = None if phase_id < 0 else phase_id
    return sent_to(service.broadcast(own.database, own.agent_id, message, phase_id=phase))


def get_messages(
    context: CallContext, box: Box = "unread", limit: Limit = 50, cursor: Cursor = ""
) -> Inbox:
    """Return the caller's messages; those that were unread count as read from then on."""
    if box == "unread":
        own = agent_door(context)
        unread, more = service.take_unread(own.database, own.agent_id)
        return Inbox([_mail(message) for message in unread], more, None)
    own = live_door(context)
    found, following = read_box(
        own.database, own.agent_id, box, limit=limit, cursor=cursor_key(cursor or None)
    )
    mails = [_mail(replace(message, text=shortened(message.text, _TEXT))) for message in found]
    return Inbox(mails, more=False, next_cursor=cursor_text(following))


def _mail(message: MessageView) -> Mail:
    return Mail(**vars(message), sender_is=introduced(message.sender_kind, message.sender))


def health_check(context: CallContext) -> Health:
    """Say that the server answers."""
    own = live_door(context)
    return Health("ok", own.agent_id, own.caller.task_id)
