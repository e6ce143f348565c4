"""Requests about hosts."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, ShortList


class DrainInput(Input):
    """Whether a host is to take no more work."""

    drain = fields.Boolean(required=True)


class LabelsInput(Input):
    """Labels of a host, in place of those that its worker offers; null takes them back."""

    labels = ShortList(fields.String(), required=True, allow_none=True)
