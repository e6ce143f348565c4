"""JSON of values that marshmallow does not dump: times in RFC 3339, ids as text."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.json.provider import DefaultJSONProvider

from hephaestus_core.clock import rfc3339


class JsonForm(DefaultJSONProvider):
    """Flask's JSON provider: fields in order, compact, times in RFC 3339."""

    sort_keys = False
    compact = True

    @staticmethod
    def default(value: Any) -> Any:
        """Return the JSON form of a value of another type."""
        if isinstance(value, datetime):
            return rfc3339(value)
        if isinstance(value, UUID):
            return str(value)
        raise TypeError(f"{type(value).__name__} has no form in JSON")
