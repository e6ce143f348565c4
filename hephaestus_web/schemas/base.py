"""What requests may hold: shapes and names. What values mean is checked by the core alone."""

from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.texts import UNSTORABLE, is_storable

#: Most items that one page holds.
PAGE_LIMIT: Final = 500
#: Numbers beyond this are no sequence numbers of ours, and do not fit the database.
BIGGEST: Final = 2**53


#: Seconds that a client may wait; proxies cut silent connections off at 30 and more.
LONGEST_WAIT: Final = 25


class Input(Schema):
    """Refuses names that it does not know."""

    class Meta:
        unknown = RAISE


class Word(fields.String):
    """A name, an id or a path. It is looked up as it is, where free texts are made plain first."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        word = super()._deserialize(value, attr, data, **kwargs)
        if not is_storable(word):
            raise ValidationError(f"It {UNSTORABLE}")
        return word


class EmptyInput(Input):
    """A body that holds nothing."""


class ReasonInput(Input):
    """Why somebody ends something."""

    reason = fields.String()


class PageInput(Input):
    """Which part of a list."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, PAGE_LIMIT))
    cursor = Word()


class UtcTime(fields.DateTime):
    """A time in an answer: RFC 3339, in UTC, with a Z."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else rfc3339(value)


def number(**options: Any) -> fields.Integer:
    """Return a field for a whole number from 0 that fits the database; ``"7"`` is refused."""
    return fields.Integer(strict=True, validate=validate.Range(0, BIGGEST), **options)


def query_number(**options: Any) -> fields.Integer:
    """Return a field for a whole number from 0 in a query, where all values are texts."""
    return fields.Integer(validate=validate.Range(0, BIGGEST), **options)


def seconds_to_wait() -> fields.Float:
    """Return a field of a query for how long the answer may be held back."""
    return fields.Float(load_default=0.0, validate=validate.Range(0, LONGEST_WAIT))
