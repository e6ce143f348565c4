"""Agents: attempts at tasks."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from hephaestus_core.agents import service
from hephaestus_core.agents.views import AgentView
from hephaestus_core.guardian.overruling import call_fine
from hephaestus_core.guardian.restarting import restart_from_commit
from hephaestus_core.messages.service import send
from hephaestus_core.messages.views import MessageView
from hephaestus_web.access.auth import caller
from hephaestus_web.live.agent_output import output_reader
from hephaestus_web.live.permits import waiting_permits
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.agents import AgentFilter, FineInput, OutputRange, OutputSchema
from hephaestus_web.schemas.base import EmptyInput, ReasonInput
from hephaestus_web.schemas.messages import AgentMessageInput
from hephaestus_web.schemas.views import page_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint("agents", __name__, url_prefix="/agents", description="Attempts at tasks")


@blueprint.get("")
@blueprint.arguments(AgentFilter, location="query")
@blueprint.response(200, page_of(AgentView))
def list_agents(query: dict[str, Any]) -> dict[str, Any]:
    """List agents, newest first."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = service.page_of_agents(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}


@blueprint.get("/<uuid:agent_id>")
@blueprint.response(200, schema_of(AgentView))
def get_agent(agent_id: UUID) -> AgentView:
    """Read one agent."""
    return service.get_agent(database(), agent_id)


@blueprint.get("/<uuid:agent_id>/output")
@blueprint.arguments(OutputRange, location="query")
@blueprint.response(200, OutputSchema)
def get_output(query: dict[str, Any], agent_id: UUID) -> dict[str, Any]:
    """Read a part of what an agent's terminal showed, from a byte offset, wherever the agent runs.

    With `wait`, wait for output when there is none yet after the offset: ask again with
    `next_offset` to follow. `end` leaves `offset` and `wait` without effect. Of agents on other
    machines the last 256 KiB can be read; `offset` of the answer says where its text begins.
    """
    agent = service.get_agent(database(), agent_id)
    if query.pop("end"):
        return output_reader().read_end(agent, most=query["limit"])
    with waiting_permits().acquired() if query["wait"] else nullcontext():
        return output_reader().read(agent, **query)


@blueprint.post("/<uuid:agent_id>/messages")
@blueprint.arguments(AgentMessageInput)
@blueprint.response(201, schema_of(MessageView))
def message_agent(body: dict[str, Any], agent_id: UUID) -> MessageView:
    """Send a message to a live agent, with `interrupt` in place of what it does now."""
    return send(database(), agent_id, **body, sender=caller().name)


@blueprint.post("/<uuid:agent_id>/fine")
@blueprint.arguments(FineInput)
@blueprint.response(200, schema_of(AgentView))
def call_agent_fine(body: dict[str, Any], agent_id: UUID) -> AgentView:
    """Have the Guardian neither steer nor end a live agent for a while."""
    return call_fine(database(), agent_id, **body, by=caller().name)


@blueprint.post("/<uuid:agent_id>/restart")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, schema_of(AgentView))
def restart_agent(_body: dict[str, Any], agent_id: UUID) -> AgentView:
    """End an agent at work, and have another one begin from its last saved commit.

    What it has done since stays in its branch; the new attempt knows nothing of its conversation.
    """
    return restart_from_commit(database(), agent_id, by=caller().name)


@blueprint.post("/<uuid:agent_id>/stop")
@blueprint.arguments(ReasonInput)
@blueprint.response(200, schema_of(AgentView))
def stop_agent(body: dict[str, Any], agent_id: UUID) -> AgentView:
    """Stop an agent; its work is saved and its task fails, to be restarted by hand."""
    return service.request_stop(database(), agent_id, **body)
