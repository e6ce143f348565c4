"""Requests about acts of the Guardian."""

from marshmallow import fields

from hephaestus_web.schemas.base import PageInput


class InterventionFilter(PageInput):
    """Which acts to list."""

    workflow_id = fields.UUID()
    task_id = fields.UUID()
    agent_id = fields.UUID()
