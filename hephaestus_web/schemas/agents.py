"""Requests about agents."""

from marshmallow import Schema, fields, validate

from hephaestus_web.schemas.base import Input, PageInput, query_number, seconds_to_wait


class AgentFilter(PageInput):
    """Which agents to list."""

    workflow_id = fields.UUID()
    task_id = fields.UUID()
    live = fields.Boolean(load_default=False)


class OutputRange(Input):
    """Which part of an agent's output, in bytes, and how long to wait when there is none yet."""

    offset = query_number(load_default=0)
    limit = fields.Integer(load_default=65_536, validate=validate.Range(1, 262_144))
    wait = seconds_to_wait()
    end = fields.Boolean(
        load_default=False,
        metadata={"description": "Read the last `limit` bytes, from the start of a line."},
    )


class FineInput(Input):
    """For how long an agent is fine."""

    minutes = fields.Float(
        load_default=30.0,
        metadata={"description": "From now on, at most 1440; 0: no more."},
    )


class OutputSchema(Schema):
    """A part of an agent's output."""

    text = fields.String(required=True)
    offset = fields.Integer(
        required=True, metadata={"description": "The byte that the text begins at."}
    )
    next_offset = fields.Integer(required=True)
    complete = fields.Boolean(
        required=True, metadata={"description": "The agent has ended and nothing follows."}
    )
