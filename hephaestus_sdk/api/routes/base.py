"""What all groups of routes share: the connection, pages, and answers as views."""

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from hephaestus_sdk.api.connection import Connection
from hephaestus_sdk.api.decoding import decode
from hephaestus_sdk.errors import InvalidInput, Unavailable

View = TypeVar("View")

_PAGE = 200


class Routes:
    """Calls some of the API's routes over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _pages(self, path: str, params: Mapping[str, Any], limit: int | None) -> list[Any]:
        items: list[Any] = []
        cursor: str | None = None
        while limit is None or len(items) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(items))
            page = self._connection.get(path, {**params, "limit": size, "cursor": cursor})
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        return items


def new_key() -> str:
    """Return a new idempotency key: one per call, the same for all repetitions of its request."""
    return uuid.uuid4().hex


def part(value: str) -> str:
    """Return a value as one part of a path, whatever characters it holds."""
    if value in {"", ".", ".."}:
        raise InvalidInput(f"{value!r} is no id; give the id that the thing was created with")
    return quote(str(value), safe="", errors="replace")


def as_view(kind: type[View], data: Any) -> View:
    """Return an answer as a view.

    Raises:
        Unavailable: it is none; the versions of client and server are too far apart.
    """
    try:
        return decode(kind, data)
    except (AttributeError, TypeError, ValueError) as error:
        raise Unavailable(
            f"the answer is no {kind.__name__} ({error}); client and server may be of versions "
            "too far apart"
        ) from error
