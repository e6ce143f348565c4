"""Tools about agents and the hosts that they run on."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents import service
from hephaestus_core.agents.views import AgentView
from hephaestus_core.guardian.restarting import restart_from_commit
from hephaestus_core.hosts.service import HostView
from hephaestus_core.hosts.service import list_hosts as all_hosts
from hephaestus_core.messages.mailbox import page_of_messages
from hephaestus_core.messages.service import broadcast_to, send
from hephaestus_core.messages.views import MessageView
from hephaestus_web.live.agent_output import OutputReader
from hephaestus_web.mcp.identity import CallContext, PersonDoor, person_door
from hephaestus_web.mcp.people_tools.waiting import Wait
from hephaestus_web.mcp.shapes import (
    Cursor,
    Limit,
    NextCursor,
    OnlyAgents,
    Reason,
    Sent,
    sent_to,
)
from hephaestus_web.mcp.waits import waiting
from hephaestus_web.requests.cursors import cursor_key, cursor_text

Text = Annotated[str, Field(description="The message, as plain text.")]
AgentId = Annotated[UUID, Field(description="From get_agent_status.")]


@dataclass(frozen=True)
class Agents:
    """Agents, newest first."""

    agents: list[AgentView]


@dataclass(frozen=True)
class Messages:
    """A page of messages, newest first; ``status`` is the receipt."""

    messages: list[MessageView]
    next_cursor: NextCursor


@dataclass(frozen=True)
class Output:
    """A part of what an agent's terminal showed, with the control codes that were in it."""

    text: str
    offset: int
    next_offset: int
    complete: bool


@dataclass(frozen=True)
class Hosts:
    """All hosts, by name."""

    hosts: list[HostView]


@dataclass(frozen=True)
class Health:
    """The server answers, and knows who calls."""

    status: str
    name: str
    role: str


def get_agent_status(
    context: CallContext,
    workflow_id: Annotated[
        UUID | None, Field(description="Only agents of this workflow; null: of all.")
    ] = None,
    live: Annotated[bool, Field(description="Leave out those that have ended.")] = True,
    limit: Limit = 50,
) -> Agents:
    """List agents, newest first, each with its task, host and status."""
    database = person_door(context).database
    return Agents(service.list_agents(database, workflow_id=workflow_id, live=live, limit=limit))


async def get_agent_output(
    context: CallContext,
    agent_id: AgentId,
    offset: Annotated[int, Field(ge=0, le=2**53, description="Byte to begin at.")] = 0,
    limit: Annotated[int, Field(ge=1, le=65_536, description="Most bytes to return.")] = 16_384,
    wait_seconds: Wait = 0,
) -> Output:
    """Read an agent's terminal output; to follow it, call again with next_offset and wait."""
    wait = partial(_output, agent_id, offset, limit, wait_seconds)
    return await waiting(person_door(context), wait_seconds, wait)


def send_message(
    context: CallContext,
    recipient_agent_id: AgentId,
    message: Text,
    interrupt: Annotated[
        bool, Field(description="End its turn first, where its program can be interrupted.")
    ] = False,
) -> Sent:
    """Send a message to a live agent, on request in place of what it does now."""
    own = person_door(context)
    sender = own.person.name
    sent = send(own.database, recipient_agent_id, message, sender=sender, interrupt=interrupt)
    return sent_to([sent])


def broadcast_message(
    context: CallContext,
    workflow_id: Annotated[UUID, Field(description="From start_workflow or list_workflows.")],
    message: Text,
    phase_id: OnlyAgents = -1,
) -> Sent:
    """Send a message to all live agents of a workflow, or to those of one phase."""
    own = person_door(context)
    phase = None if phase_id < 0 else phase_id
    sent = broadcast_to(own.database, workflow_id, message, sender=own.person.name, phase_id=phase)
    return sent_to(sent)


def get_messages(
    context: CallContext,
    workflow_id: Annotated[
        UUID | None, Field(description="Only messages in this workflow; null: in all.")
    ] = None,
    agent_id: Annotated[
        UUID | None, Field(description="Only those from or to this agent; null: all.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Messages:
    """List the messages to agents with their receipts, newest first."""
    found, following = page_of_messages(
        person_door(context).database,
        workflow_id=workflow_id,
        agent_id=agent_id,
        limit=limit,
        cursor=cursor_key(cursor or None),
    )
    return Messages(found, cursor_text(following))


def stop_agent(
    context: CallContext, agent_id: AgentId, reason: Reason = "stopped by a person"
) -> AgentView:
    """Stop an agent; its work is saved and its task fails until a person restarts it."""
    return service.request_stop(person_door(context).database, agent_id, reason=reason)


def restart_agent(context: CallContext, agent_id: AgentId) -> AgentView:
    """End an agent at work; another one begins from its last saved commit, without its talk."""
    own = person_door(context)
    return restart_from_commit(own.database, agent_id, by=own.person.name)


def list_hosts(context: CallContext) -> Hosts:
    """List the machines that run agents."""
    return Hosts(all_hosts(person_door(context).database))


def health_check(context: CallContext) -> Health:
    """Check that the server answers, and show whose token you use."""
    person = person_door(context).person
    return Health("ok", person.name, person.role)


def _output(agent_id: UUID, offset: int, limit: int, seconds: float, own: PersonDoor) -> Output:
    reader = OutputReader(own.wiring.settings, own.database, own.feed.pause)
    agent = service.get_agent(own.database, agent_id)
    return Output(**reader.read(agent, offset=offset, limit=limit, wait=seconds))
