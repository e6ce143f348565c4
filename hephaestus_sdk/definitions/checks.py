"""Checks that definitions make when they are built: each names the field and the remedy."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Protocol, Self, TypeVar

from hephaestus_core.contract.spelling import nearest
from hephaestus_sdk.errors import InvalidDefinitionError


class _HasJson(Protocol):
    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self: ...


Kind = TypeVar("Kind", bound=_HasJson)

#: Limits of the server, checked here too so that a definition fails where it is written.
MAX_TEXT = 65_536
MAX_DESCRIPTION = 200_000


def text(value: Any, field: str, *, required: bool = True, limit: int = MAX_TEXT) -> str:
    """Return ``value`` if it is a text within ``limit`` characters, and not blank if required."""
    if not isinstance(value, str):
        raise InvalidDefinitionError(
            f"{field}: expected text, found {value!r}; put it in quotes", field=field
        )
    if required and not value.strip():
        raise InvalidDefinitionError(f"{field}: is empty; give it a text", field=field)
    if len(value) > limit:
        raise InvalidDefinitionError(
            f"{field}: {len(value):,} characters; shorten it to {limit:,} or put the text in a "
            "file of the repository and name that",
            field=field,
        )
    return value


def optional_text(value: Any, field: str) -> str | None:
    """Return ``value`` if it is a text; None and the empty text both say that there is none."""
    return None if value is None else text(value, field, required=False) or None


def texts(value: Any, field: str) -> list[str]:
    """Return a copy of a list of texts. One text alone is a usual slip and refused."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidDefinitionError(
            f"{field}: expected a list of texts, found {value!r}; write [{value!r}]", field=field
        )
    return [text(item, f"{field}[{index}]") for index, item in enumerate(value)]


def flag(value: Any, field: str) -> bool:
    """Return ``value`` if it is true or false."""
    if not isinstance(value, bool):
        raise InvalidDefinitionError(
            f"{field}: expected true or false, found {value!r}", field=field
        )
    return value


def built(kind: type[Kind], value: Any, field: str) -> Kind:
    """Return ``value`` if it is of that kind, or build it from its JSON shape."""
    if isinstance(value, kind):
        return value
    if isinstance(value, Mapping):
        return kind.from_dict(value)
    raise InvalidDefinitionError(
        f"{field}: expected a {kind.__name__}, found {value!r}; build {kind.__name__}(…), or give "
        "its fields as names with values",
        field=field,
    )


def all_built(kind: type[Kind], values: Any, field: str) -> list[Kind]:
    """Return a list of things of that kind, or of their JSON shapes. One alone is refused."""
    if isinstance(values, str | Mapping | kind) or not isinstance(values, Iterable):
        raise InvalidDefinitionError(
            f"{field}: expected a list of {kind.__name__}, found {values!r}; put what is meant "
            "into brackets: […]",
            field=field,
        )
    return [built(kind, item, field) for item in values]


def one_of(value: Any, field: str, allowed: Collection[str]) -> str:
    """Return ``value`` if it is one of the allowed words; else name them and the nearest."""
    if value in allowed:
        return str(value)
    hint = nearest(str(value), list(allowed))
    raise InvalidDefinitionError(
        f"{field}: {value!r} is not one of {', '.join(allowed)}{hint}", field=field
    )


def unique(values: Iterable[Any], field: str) -> None:
    """Refuse a value that stands there twice."""
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            raise InvalidDefinitionError(
                f"{field}: {value!r} stands there twice; give each its own", field=field
            )
        seen.add(value)


def known_keys(data: Any, what: str, allowed: Collection[str]) -> Mapping[str, Any]:
    """Return ``data`` if it is a mapping that holds no name outside ``allowed``."""
    if not isinstance(data, Mapping):
        raise InvalidDefinitionError(
            f"{what}: expected names with values, found {data!r}", field=what
        )
    for key in data:
        if key not in allowed:
            hint = nearest(str(key), list(allowed))
            raise InvalidDefinitionError(f"{what}: unknown key '{key}'{hint}", field=str(key))
    return data


def arguments(
    kind: type[Any], data: Any, what: str, *, strict: bool, ignored: Collection[str] = ()
) -> dict[str, Any]:
    """Return what ``data`` holds for building the dataclass ``kind``.

    Args:
        kind: a dataclass.
        data: names with values, as they come from YAML or JSON.
        what: how messages call the thing.
        strict: refuse names that ``kind`` does not have; else leave them out, as a newer
            server may know more than this client.
        ignored: names to leave out in either case.
    """
    names = [f.name for f in fields(kind)]
    if strict or not isinstance(data, Mapping):
        known_keys(data, what, [*names, *ignored])
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    for name in needed:
        if name not in data:
            raise InvalidDefinitionError(f"{what}: '{name}' is missing; add it", field=name)
    return {name: data[name] for name in names if name in data and name not in ignored}
