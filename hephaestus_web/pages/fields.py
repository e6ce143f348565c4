"""Values of submitted forms."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from flask import request

from hephaestus_core.contract.errors import InvalidInput

_MOST_DIGITS = 12


def words(name: str) -> list[str]:
    """Return what a field lists, with commas between."""
    return [word for word in (part.strip() for part in text(name).split(",")) if word]


def text(name: str) -> str:
    """Return the text of a field without the blanks around it."""
    return request.form.get(name, "").strip()


def number(name: str) -> float | None:
    """Return the number in a field; None: it is empty.

    Raises:
        InvalidInput: it holds something else.
    """
    given = text(name).removeprefix("$").replace(",", "")
    if not given:
        return None
    try:
        found = Decimal(given) if len(given) <= _MOST_DIGITS else Decimal("nan")
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite():
        raise InvalidInput(f"'{name}' is no number that can be used.", field=name)
    return float(found)


def whole(name: str) -> int | None:
    """Return the whole number in a field; None: it is empty.

    Raises:
        InvalidInput: it holds something else.
    """
    found = number(name)
    if found is not None and found != int(found):
        raise InvalidInput(f"'{name}' must be a whole number.", field=name)
    return None if found is None else int(found)


def one_of(name: str, offered: Sequence[str], default: str) -> str:
    """Return a word of the address; the default where it is none of those that are offered."""
    given = request.args.get(name, "")
    return given if given in offered else default
