"""Requests about costs."""

from marshmallow import fields, validate

from hephaestus_core.summaries.spending import SpendingBy
from hephaestus_web.schemas.base import Input


class SpendingFilter(Input):
    """Which costs to read, and how to add them up."""

    by = fields.Enum(SpendingBy, by_value=True, load_default=SpendingBy.DAY)
    days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 400),
        metadata={"description": "With today, in UTC."},
    )
    workflow_id = fields.UUID(metadata={"description": "Only of this workflow."})
