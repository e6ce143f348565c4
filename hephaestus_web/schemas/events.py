"""Events, as requests ask for them and as clients get them."""

from marshmallow import Schema, fields, validate

from hephaestus_core.events.log import EventView
from hephaestus_web.schemas.base import PAGE_LIMIT, Input, query_number
from hephaestus_web.schemas.views import schema_of

#: Seconds that a client may wait for events; proxies cut silent connections off at 30 and more.
LONGEST_WAIT = 25


class EventFilter(Input):
    """Which events, and how long to wait for the first."""

    after = query_number(load_default=0)
    limit = fields.Integer(load_default=PAGE_LIMIT, validate=validate.Range(1, PAGE_LIMIT))
    wait = fields.Float(load_default=0.0, validate=validate.Range(0, LONGEST_WAIT))
    workflow_id = fields.UUID()


EventSchema = schema_of(EventView)


class EventsSchema(Schema):
    """Events in order, and the number to ask after next time."""

    items = fields.List(fields.Nested(EventSchema))
    last_seq = fields.Integer()
