"""Schemas of answers, derived from the core's views, so that the fields cannot drift apart."""

import dataclasses
import functools
import types
from datetime import datetime
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from marshmallow import Schema, fields, validate

from hephaestus_core.contract.statuses import Described
from hephaestus_web.schemas.base import UtcTime

_PLAIN: Final[dict[Any, type[fields.Field[Any]]]] = {
    UUID: fields.UUID,
    datetime: UtcTime,
    str: fields.String,
    int: fields.Integer,
    float: fields.Float,
    bool: fields.Boolean,
    object: fields.Raw,
    Any: fields.Raw,
}


@functools.cache
def schema_of(view: type) -> type[Schema]:
    """Return the schema that dumps ``view``; a ``TaskView`` is documented as ``Task``.

    Raises:
        TypeError: ``view`` has a field of a type without a JSON form.
    """
    hints = get_type_hints(view)
    members = {f.name: _field(hints[f.name]) for f in dataclasses.fields(view)}
    return type(view.__name__.removesuffix("View") + "Schema", (Schema,), members)


def items_of(view: type) -> type[Schema]:
    """Return the schema of ``{"items": […]}``."""
    name = view.__name__.removesuffix("View")
    return type(f"{name}ListSchema", (Schema,), {"items": fields.List(_field(view), required=True)})


def page_of(view: type) -> type[Schema]:
    """Return the schema of ``{"items": […], "next_cursor": …}``."""
    cursor = fields.String(
        allow_none=True,
        required=True,
        metadata={"description": "Send it as `cursor` for the next page."},
    )
    name = view.__name__.removesuffix("View")
    members = {"items": fields.List(_field(view), required=True), "next_cursor": cursor}
    return type(f"{name}PageSchema", (Schema,), members)


def _field(hint: Any, *, allow_none: bool = False) -> fields.Field[Any]:
    # Every field of a view is in the answer.
    given: dict[str, Any] = {"allow_none": allow_none, "required": True}
    arguments = get_args(hint)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        [inner] = [argument for argument in arguments if argument is not type(None)]
        return _field(inner, allow_none=True)
    if origin is Literal:
        return fields.String(validate=validate.OneOf(arguments), **given)
    if origin in (list, tuple):
        return fields.List(_field(arguments[0]), **given)
    if origin is dict or hint is dict:
        return _mapping(arguments, given)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return fields.Nested(schema_of(hint), **given)
    if isinstance(hint, type) and issubclass(hint, Described):
        return fields.String(validate=validate.OneOf([*hint]), **given)
    if hint not in _PLAIN:
        raise TypeError(f"{hint} has no field; add it to the table.")
    return _PLAIN[hint](**given)


def _mapping(arguments: tuple[Any, ...], given: dict[str, Any]) -> fields.Field[Any]:
    values = _field(arguments[1]) if arguments and arguments[1] is not Any else None
    return fields.Dict(keys=fields.String(), values=values, **given)
