"""Tools about the agents beside one, and messages between them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents.service import list_agents
from hephaestus_core.messages import service
from hephaestus_core.messages.service import MessageView
from hephaestus_web.mcp.identity import CallContext, agent_door, live_door
from hephaestus_web.mcp.shapes import Sent

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
class Inbox:
    """Messages that had not been read."""

    messages: list[MessageView]
    more: Annotated[bool, Field(description="There are more; call again.")]


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
    service.send(
        own.database,
        recipient_agent_id,
        message,
        sender=f"agent {own.agent_id}",
        sender_agent_id=own.agent_id,
    )
    return Sent(recipients=1)


def broadcast_message(context: CallContext, message: Text) -> Sent:
    """Send a message to all other live agents of the caller's workflow."""
    own = agent_door(context)
    return Sent(recipients=service.broadcast(own.database, own.agent_id, message))


def get_messages(context: CallContext) -> Inbox:
    """Return the caller's unread messages, which count as delivered from then on."""
    own = agent_door(context)
    messages, more = service.take_unread(own.database, own.agent_id)
    return Inbox(messages, more)


def health_check(context: CallContext) -> Health:
    """Say that the server answers."""
    own = live_door(context)
    return Health("ok", own.agent_id, own.caller.task_id)
