"""Checks of a definition's fields: each returns the value in its canonical form or raises.

Every check takes the field's path, for example ``config.on_result_found``, and raises
``InvalidDefinitionError`` with the path and a remedy.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, Field, fields
from typing import Any, Final, Protocol, Self, TypeVar

from hephaestus_core.contract.errors import InvalidDefinitionError
from hephaestus_core.contract.programs import choice, unknown_program
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import NAME_LIMIT, TEXT_LIMIT, plain

#: The most items in one list.
MOST_ITEMS: Final = 100
#: The deepest nesting of lists and objects.
_DEPTH: Final = 20
#: The most digits of a whole number.
_DIGITS: Final = 100
#: Whole floats from here on become integers: JSON stores do not tell the two apart.
_EXACT: Final = 2**53

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class _HasJson(Protocol):
    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> Self: ...


Part = TypeVar("Part", bound=_HasJson)


def refusal(says: str, field: str) -> InvalidDefinitionError:
    """Return the error for a field, with the fault and the remedy in ``says``."""
    return InvalidDefinitionError(says, field=field)


def shown(value: object) -> str:
    """Return a value as messages quote it, cut off after 80 characters."""
    text = repr(value[:100] if isinstance(value, str) else value)
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 - see above


def unknown_phase(phase: object, field: str, known: Iterable[int]) -> InvalidDefinitionError:
    """Return the error for the number of a phase that the definition does not have."""
    listed = ", ".join(map(str, sorted(known)))
    return refusal(f"there is no phase {shown(phase)}; the phases are {listed}", field)


def text(value: Any, field: str, *, limit: int = TEXT_LIMIT) -> str:
    """Return a text, which may be empty, without a terminal's control characters."""
    if not isinstance(value, str):
        raise refusal(f"expected text, found {shown(value)}; put it in quotes", field)
    if len(value) > limit:
        raise refusal(
            f"{len(value):,} characters; shorten it to {limit:,} or put the text in a file of the "
            "repository and name that",
            field,
        )
    return plain(value)


def filled_text(value: Any, field: str, *, limit: int = TEXT_LIMIT) -> str:
    """Return a text that is not blank."""
    checked = text(value, field, limit=limit)
    if not checked.strip():
        raise refusal("is empty; enter a text", field)
    return checked


def optional_text(value: Any, field: str) -> str | None:
    """Return a text; None if it is None or blank."""
    checked = None if value is None else text(value, field)
    return checked if checked and checked.strip() else None


def word(value: Any, field: str, *, limit: int = NAME_LIMIT) -> str:
    """Return a name unchanged, because it is a key; refuse control characters in it."""
    checked = filled_text(value, field, limit=limit)
    if _CONTROL.search(value):
        raise refusal("contains a control character or half of a character; remove it", field)
    return checked


def optional_word(value: Any, field: str) -> str | None:
    """Return a name, see :func:`word`; None if it is None or empty."""
    return None if value is None or value == "" else word(value, field)


def texts(value: Any, field: str) -> list[str]:
    """Return a copy of a list of texts, none of them blank."""
    return [filled_text(item, f"{field}[{n}]") for n, item in enumerate(items(value, field))]


def words(value: Any, field: str) -> list[str]:
    """Return a copy of a list of names; see :func:`word`."""
    return [word(item, f"{field}[{n}]") for n, item in enumerate(items(value, field))]


def items(value: Any, field: str) -> list[Any]:
    """Return a copy of a list. A single item in its place, a common mistake, is refused."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        found = shown(value)
        raise refusal(f"expected a list, found {found}; write [{found}]", field)
    listed = list(value)
    if len(listed) > MOST_ITEMS:
        raise refusal(f"{len(listed)} entries; at most {MOST_ITEMS} are taken", field)
    return listed


def flag(value: Any, field: str) -> bool:
    """Return ``value`` if it is a boolean."""
    if not isinstance(value, bool):
        raise refusal(f"expected true or false, found {shown(value)}", field)
    return value


def whole(value: Any, field: str, *, least: int, most: int) -> int:
    """Return a whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise refusal(
            f"expected a whole number from {least} to {most}, found {shown(value)}", field
        )
    return value


def one_of(value: Any, field: str, allowed: Collection[str]) -> str:
    """Return ``value`` if it is an allowed word; the error names the nearest and all others."""
    if isinstance(value, str) and value in allowed:
        return value
    hint = nearest(str(value)[:NAME_LIMIT], list(allowed))
    raise refusal(f"{shown(value)} is not one of {', '.join(allowed)}{hint}", field)


def unique(values: Iterable[Any], field: str, what: str) -> None:
    """Refuse a repeated value; ``what`` is the noun for the values."""
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            raise refusal(f"{what} {shown(value)} stands there twice; give each its own", field)
        seen.add(value)


def json_object(value: Any, field: str) -> dict[str, Any]:
    """Return a copy of an object of JSON values, with its texts made safe."""
    if not isinstance(value, Mapping):
        raise refusal(f"expected names with values, found {shown(value)}", field)
    copied: dict[str, Any] = json_value(value, field)
    return copied


def json_value(value: Any, field: str, *, depth: int = _DEPTH) -> Any:
    """Return a copy of a JSON value, with its texts made safe."""
    if depth == 0:
        raise refusal(f"nests more than {_DEPTH} lists or objects; flatten it", field)
    if isinstance(value, Mapping):
        return {
            text(key, field): json_value(item, field, depth=depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [json_value(item, field, depth=depth - 1) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value, field)
    number = finite(value)
    if number is None:
        raise refusal(f"expected a value that JSON can hold, found {shown(value)}", field)
    return number


def finite(value: Any) -> int | float | None:
    """Return a number in the form that survives JSON and the database; None for other values."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if abs(value) >= _EXACT else value
    return value if abs(value) < 10**_DIGITS else None


@contextmanager
def at(place: str) -> Iterator[None]:
    """Add the place to errors raised in this block, for people who build a part by itself."""
    try:
        yield
    except InvalidDefinitionError as error:
        raise error.at(place) from None


@contextmanager
def within(field: str) -> Iterator[None]:
    """Prefix the fields of errors raised in this block with the path of a part."""
    try:
        yield
    except InvalidDefinitionError as error:
        raise error.within(field) from None


def built(kind: type[Part], value: Any, field: str, *, strict: bool = True) -> Part:
    """Return ``value`` if it is a ``kind``, else build one from its JSON shape."""
    if isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        name = kind.__name__
        raise refusal(
            f"expected a {name}, found {shown(value)}; build {name}(…), or give its fields as "
            "names with values",
            field,
        )
    with within(field):
        return kind.from_dict(value, strict=strict)


def all_built(kind: type[Part], values: Any, field: str, *, strict: bool = True) -> list[Part]:
    """Return a list of ``kind``, built from JSON shapes where needed; refuse a single item."""
    if isinstance(values, str | Mapping | kind) or not isinstance(values, Iterable):
        raise refusal(
            f"expected a list of {kind.__name__}, found {shown(values)}; put the values into "
            "brackets: […]",
            field,
        )
    return [
        built(kind, item, f"{field}[{n}]", strict=strict)
        for n, item in enumerate(items(values, field))
    ]


def put(part: Any, **values: Any) -> None:
    """Store checked values in a frozen dataclass that is being built."""
    for name, value in values.items():
        object.__setattr__(part, name, value)


def known_program(name: str, field: str, known: Collection[str]) -> None:
    """Refuse the name of an unknown agent program; the error names the nearest."""
    wrong = unknown_program(name, known)
    if wrong is not None:
        raise refusal(wrong, field)


def known_fallbacks(chosen: Iterable[str] | None, field: str, known: Collection[str]) -> None:
    """Refuse an unknown program in a list of ``program`` or ``program:model``."""
    for n, item in enumerate(chosen or ()):
        known_program(choice(item).program, f"{field}[{n}]", known)


def absent_to_default(part: Any) -> None:
    """Give each optional field that holds None its default, since null in JSON means absent."""
    for f in fields(part):
        if getattr(part, f.name) is None and not _is_required(f):
            value = f.default if f.default_factory is MISSING else f.default_factory()
            put(part, **{f.name: value})


def arguments(kind: type[Any], data: Any, *, strict: bool) -> dict[str, Any]:
    """Return the arguments in ``data`` for the dataclass ``kind``.

    Args:
        kind: a dataclass.
        data: a mapping from YAML or JSON.
        strict: refuse names that ``kind`` does not have. Otherwise leave them out, because a newer
            server may have more fields than this client.
    """
    if not isinstance(data, Mapping):
        raise InvalidDefinitionError(f"expected names with values, found {shown(data)}")
    known = {f.name: f for f in fields(kind)}
    for name in data if strict else ():
        if name not in known:
            hint = nearest(str(name)[:NAME_LIMIT], list(known))
            raise refusal(f"unknown key{hint}", str(name)[:NAME_LIMIT])
    for name, f in known.items():
        if _is_required(f) and data.get(name) is None:
            raise refusal("is missing; add it", name)
    return {name: data[name] for name in known if name in data}


def _is_required(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING
