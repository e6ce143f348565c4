"""Requests about what waits for a person."""

from marshmallow import fields, validate

from hephaestus_core.contract.attention import LONGEST_SNOOZE_MINUTES
from hephaestus_web.schemas.base import PAGE_LIMIT, Input, number


class InboxFilter(Input):
    """Which part of the list to read."""

    limit = fields.Integer(load_default=200, validate=validate.Range(1, PAGE_LIMIT))
    set_aside = fields.Boolean(
        load_default=False,
        metadata={"description": "What somebody has snoozed or dismissed, instead."},
    )


class SnoozeInput(Input):
    """For how long an item is put aside."""

    minutes = number(
        load_default=30, metadata={"description": f"From 1 to {LONGEST_SNOOZE_MINUTES}."}
    )
