"""Cursors: opaque to clients, the sort key of the last item to us."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from hephaestus_core.errors import InvalidInput

#: Time and id of the last item of a page.
Key = tuple[datetime, UUID]


def cursor_text(key: Key | None) -> str | None:
    """Return the cursor that continues after ``key``; None at the end of a list."""
    if key is None:
        return None
    text = f"{key[0].isoformat()}|{key[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_key(text: str | None) -> Key | None:
    """Return the key that a cursor stands for.

    Raises:
        InvalidInput: it is none of ours.
    """
    if text is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        at, _, identity = raw.partition("|")
        return datetime.fromisoformat(at).astimezone(UTC), UUID(identity)
    except (ValueError, binascii.Error) as error:
        raise InvalidInput(
            "Unknown cursor; send back `next_cursor` of the page before.", field="cursor"
        ) from error
