"""Requests about hosts."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input


class DrainInput(Input):
    """Whether a host is to take no more work."""

    drain = fields.Boolean(required=True)
