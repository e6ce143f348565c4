"""Requests about messages."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, PageInput, query_number


class MessageInput(Input):
    """A message to an agent."""

    text = fields.String(required=True)


class AgentMessageInput(MessageInput):
    """A message to one agent."""

    interrupt = fields.Boolean(
        load_default=False,
        metadata={
            "description": "End the agent's turn first, where its program can be interrupted."
        },
    )


class BroadcastInput(MessageInput):
    """A message to agents of a workflow."""

    phase_id = query_number(
        load_default=None,
        allow_none=True,
        metadata={"description": "Only agents at tasks of this phase; default: all."},
    )


class MessageFilter(PageInput):
    """Which messages to list."""

    workflow_id = fields.UUID()
    task_id = fields.UUID()
    agent_id = fields.UUID(metadata={"description": "From or to this agent."})
