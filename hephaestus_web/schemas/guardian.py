"""Requests about the Guardian."""

from marshmallow import fields, validate

from hephaestus_web.schemas.base import Input


class ReportFilter(Input):
    """The judgements that a report is about."""

    days = fields.Integer(
        load_default=7,
        validate=validate.Range(1, 30),
        metadata={"description": "The last so many days; judgements are kept for 30."},
    )
