"""The shapes and names of requests. The core checks the values."""

from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.definitions.checks import MOST_ITEMS
from hephaestus_core.contract.texts import UNSTORABLE, is_storable

#: Most items of a page.
PAGE_LIMIT: Final = 500
#: Largest number that the database stores.
BIGGEST: Final = 2**53


#: Most seconds of a long-poll; proxies close silent connections after 30 or more.
LONGEST_WAIT: Final = 25


class Input(Schema):
    """Refuses names that it does not know."""

    class Meta:
        unknown = RAISE


class Word(fields.String):
    """A name, an id or a path: used as it is, while free texts are cleaned first."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        word = super()._deserialize(value, attr, data, **kwargs)
        if not is_storable(word):
            raise ValidationError(f"It {UNSTORABLE}")
        return word


class ShortList(fields.List[Any]):
    """A list of names: one with very many is refused before each of them is looked at."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, list) and len(value) > MOST_ITEMS:
            raise ValidationError(f"{len(value)} entries; at most {MOST_ITEMS} are taken.")
        return super()._deserialize(value, attr, data, **kwargs)


class EmptyInput(Input):
    """An empty body."""


class ReasonInput(Input):
    """The reason for an end."""

    reason = fields.String()


class PageInput(Input):
    """A page of a list."""

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
    """Return a query field for the longest wait of a long-poll, in seconds."""
    return fields.Float(load_default=0.0, validate=validate.Range(0, LONGEST_WAIT))
