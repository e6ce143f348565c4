"""JSON of the API ↔ frozen dataclasses, by their annotations.

A newer server may send unknown names, which are dropped; an older one may omit some, which get
their defaults. Nothing is checked here: the server has done that.
"""

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

View = TypeVar("View")


def decode(kind: type[View], data: Mapping[str, Any]) -> View:
    """Return the view in ``data``; null means the default."""
    hints = _hints(cast("Hashable", kind))
    given = {name: data[name] for name in hints if data.get(name) is not None}
    return kind(**{name: _value(hints[name], value) for name, value in given.items()})


def encode(value: Any) -> Any:
    """Return the JSON value of a view, a list of views, or plain values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}


def _value(annotation: Any, value: Any) -> Any:
    if get_origin(annotation) is tuple:
        return tuple(_value(get_args(annotation)[0], item) for item in value)
    for kind in get_args(annotation) or (annotation,):
        if kind is datetime:
            return datetime.fromisoformat(value)
        if is_dataclass(kind) and isinstance(value, Mapping):
            return decode(cast("type[Any]", kind), value)
    return value
