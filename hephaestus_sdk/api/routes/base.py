"""The base of all groups of routes: connection, pages, views."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from hephaestus_core.contract.ids import IdKind, id_span, whole_id
from hephaestus_sdk.api.connection import Connection
from hephaestus_sdk.api.decoding import decode
from hephaestus_sdk.api.views import FoundId
from hephaestus_sdk.errors import InvalidInput, Unavailable

View = TypeVar("View")

_PAGE = 200


class Routes:
    """A group of the API's routes over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def full_id(self, text: str, *kinds: IdKind) -> str:
        """Return the id of the one thing of these kinds whose id ``text`` is or begins.

        A whole id is returned as it is; only for a beginning of one is the API asked.

        Raises:
            NotFound: no id begins like that.
            AmbiguousId: several do; ``details["candidates"]`` lists the first of them.
            InvalidInput: fewer than 6 characters.
        """
        whole = whole_id(text)
        if whole is None:
            id_span(text, kinds)
            whole = self.find_id(text, kinds).id
        return whole

    def find_id(self, beginning: str, kinds: Sequence[IdKind] = ()) -> FoundId:
        """Return the one thing whose id begins like that, of these kinds or of any.

        Raises:
            NotFound, AmbiguousId, InvalidInput: as for :meth:`full_id`.
        """
        path = f"/ids/{part(beginning)}"
        return as_view(FoundId, self._connection.get(path, {"kind": list(kinds)}))

    def _workflow(self, workflow_id: str) -> str:
        return f"/workflows/{self.full_id(workflow_id, IdKind.WORKFLOW)}"

    def _only_of(self, workflow_id: str | None) -> str | None:
        """Return the whole id of the workflow to which a list is narrowed."""
        return None if workflow_id is None else self.full_id(workflow_id, IdKind.WORKFLOW)

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
    """Return a new idempotency key, used for a request and its repetitions."""
    return uuid.uuid4().hex


def part(value: str) -> str:
    """Return a value quoted as one segment of a path."""
    if value in {"", ".", ".."}:
        raise InvalidInput(f"{value!r} is no id; give the id that the thing was created with")
    return quote(str(value), safe="", errors="replace")


def as_view(kind: type[View], data: Any) -> View:
    """Return an answer as a view.

    Raises:
        Unavailable: it does not fit; the versions of client and server differ too much.
    """
    try:
        return decode(kind, data)
    except (AttributeError, TypeError, ValueError) as error:
        raise Unavailable(
            f"the answer is no {kind.__name__} ({error}); client and server may be of versions "
            "too far apart"
        ) from error
