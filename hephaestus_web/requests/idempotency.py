"""Idempotency keys: a creation that is sent again, after a lost answer, is not done again."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from flask import request
from sqlalchemy.exc import IntegrityError

from hephaestus_core.access.service import Person
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_web.access.auth import caller

T = TypeVar("T")

_KEY: Final = re.compile(r"[!-~]{1,200}")


def idempotency_key() -> str | None:
    """Return the request's key, of this caller alone; None when it has none.

    Raises:
        InvalidInput: the key is empty, too long, or not printable ASCII.
    """
    key = sent_key()
    return key and own_key(caller(), key)


def own_key(person: Person, key: str) -> str:
    """Return a key as it is stored: of this token alone, not of a later one with its name."""
    return f"{person.token_id or person.name}:{key}"


def sent_key() -> str | None:
    """Return the key as the request has it; None when it has none.

    Raises:
        InvalidInput: the key is empty, too long, or not printable ASCII.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidInput(
            "Use 1 to 200 printable ASCII characters as Idempotency-Key.", field="Idempotency-Key"
        )
    return key


def once(create: Callable[[], T]) -> T:
    """Call ``create``; if the same key was just stored by a request beside this one, call again.

    The second call finds what the other request made.
    """
    try:
        return create()
    except IntegrityError:
        return create()
