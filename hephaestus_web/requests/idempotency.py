"""Idempotency keys: a repeated creation returns the thing that the first one made."""

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
    """Return the request's key, made unique to its caller; None without one.

    Raises:
        InvalidInput: the key is empty, too long, or not printable ASCII.
    """
    key = sent_key()
    return key and own_key(caller(), key)


def own_key(person: Person, key: str) -> str:
    """Return the stored form of a key: unique to this token, not to its name."""
    return f"{person.token_id or person.name}:{key}"


def sent_key() -> str | None:
    """Return the key of the request's header; None without one.

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
    """Call ``create``, and once more if a concurrent request has just stored the same key.

    The second call finds the row of the other request.
    """
    try:
        return create()
    except IntegrityError:
        return create()
