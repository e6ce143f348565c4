"""How values that marshmallow does not dump stand in JSON: times in RFC 3339, ids as text."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.json.provider import DefaultJSONProvider

from hephaestus_core.clock import rfc3339


class JsonForm(DefaultJSONProvider):
    """Flask's JSON, in the order of the fields, compact, and with times as everywhere else."""

    sort_keys = False
    compact = True

    @staticmethod
    def default(value: Any) -> Any:
        """Return what stands for a value that JSON has no form of its own for."""
        if isinstance(value, datetime):
            return rfc3339(value)
        if isinstance(value, UUID):
            return str(value)
        raise TypeError(f"{type(value).__name__} has no form in JSON")
