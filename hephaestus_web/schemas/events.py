"""Events, as requests ask for them and as clients get them."""

from typing import Any, Final

from marshmallow import Schema, fields, validate

from hephaestus_core.agents.details import Timeline
from hephaestus_core.events.log import EventView
from hephaestus_web.schemas.base import (
    BIGGEST,
    PAGE_LIMIT,
    Input,
    query_number,
    seconds_to_wait,
)
from hephaestus_web.schemas.views import schema_of

#: The loaded value of ``after=latest``.
LATEST: Final = -1


class SequenceNumber(fields.Integer):
    """Number of an event, or ``latest`` for the newest there is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if value == "latest":
            return LATEST
        number = super()._deserialize(value, attr, data, **kwargs)
        if not 0 <= number <= BIGGEST:
            raise self.make_error("invalid", input=value)
        return number


class TimelineFilter(Input):
    """Which part of a timeline."""

    after = query_number(load_default=0)
    limit = fields.Integer(load_default=PAGE_LIMIT, validate=validate.Range(1, PAGE_LIMIT))


class EventFilter(Input):
    """Which events, and how long to wait for the first."""

    after = SequenceNumber(
        load_default=0,
        metadata={
            "default": "0",
            "pattern": "^([0-9]+|latest)$",
            "description": "Number of the last event seen, or `latest` for the newest there is.",
        },
    )
    limit = fields.Integer(load_default=PAGE_LIMIT, validate=validate.Range(1, PAGE_LIMIT))
    wait = seconds_to_wait()
    workflow_id = fields.UUID()


EventSchema = schema_of(EventView)
TimelineSchema = schema_of(Timeline)


class EventsSchema(Schema):
    """Events in order, and the number to ask after next time."""

    items = fields.List(fields.Nested(EventSchema), required=True)
    last_seq = fields.Integer(required=True)
