"""Requests about agents."""

from marshmallow import Schema, fields, validate

from hephaestus_web.schemas.base import Input, query_number


class AgentFilter(Input):
    """Which agents to list."""

    workflow_id = fields.UUID()
    task_id = fields.UUID()
    live = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 500))


class MessageInput(Input):
    """A message to an agent."""

    text = fields.String(required=True)


class OutputRange(Input):
    """Which part of an agent's output, in bytes."""

    offset = query_number(load_default=0)
    limit = fields.Integer(load_default=65_536, validate=validate.Range(1, 262_144))


class OutputSchema(Schema):
    """A part of an agent's output."""

    text = fields.String()
    next_offset = fields.Integer()
    complete = fields.Boolean()
