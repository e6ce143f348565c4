"""Cursors: the sort key of the last item, encoded; opaque to clients."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.tasks.queue import QueuePlace

#: Time and id of the last item of a page.
Key = tuple[datetime, UUID]


def cursor_text(key: Key | None) -> str | None:
    """Return the cursor that continues after ``key``; None at the end of a list."""
    return None if key is None else _encoded(rfc3339(key[0]), key[1])


def cursor_key(text: str | None) -> Key | None:
    """Return the sort key in a cursor.

    Raises:
        InvalidInput: this server did not make it.
    """
    if text is None:
        return None
    try:
        at, identity = _decoded(text)
        return datetime.fromisoformat(at).astimezone(UTC), UUID(identity)
    except (ValueError, OverflowError) as error:
        raise _unknown() from error


def place_text(place: QueuePlace | None) -> str | None:
    """Return the cursor that continues after a place in the queue; None at its end."""
    if place is None:
        return None
    return _encoded(
        *(place.position, int(place.boosted), place.priority),
        *(rfc3339(place.queued_at), place.task_id),
    )


def place_of(text: str | None) -> QueuePlace | None:
    """Return the place in the queue that a cursor holds.

    Raises:
        InvalidInput: this server did not make it.
    """
    if text is None:
        return None
    try:
        position, boosted, priority, at, identity = _decoded(text)
        return QueuePlace(
            position=_small(position),
            boosted=boosted == "1",
            priority=_small(priority),
            queued_at=datetime.fromisoformat(at).astimezone(UTC),
            task_id=UUID(identity),
        )
    except (ValueError, OverflowError) as error:
        raise _unknown() from error


def _encoded(*parts: object) -> str:
    return base64.urlsafe_b64encode("|".join(map(str, parts)).encode()).decode().rstrip("=")


def _decoded(text: str) -> list[str]:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|")
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _small(text: str) -> int:
    number = int(text[:10])
    if not 0 <= number < 2**31:
        raise ValueError("out of bounds")
    return number


def _unknown() -> InvalidInput:
    return InvalidInput(
        "Unknown cursor; send back `next_cursor` of the page before.", field="cursor"
    )
