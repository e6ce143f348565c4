"""Repeated orders: an idempotency key stands for one order only."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from hephaestus_core.contract.errors import KeyReused


def order_hash(order: Mapping[str, Any]) -> str:
    """Return a hash that equal orders share; None counts as absent."""
    asked = {name: value for name, value in order.items() if value is not None}
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def refuse_another(known: str | None, sent: str) -> None:
    """Return if two orders with the same key are equal.

    Args:
        known: hash of the first order; None if it was not stored.
        sent: hash of the second order.

    Raises:
        KeyReused: they are not.
    """
    if known is not None and known != sent:
        raise KeyReused(
            "This Idempotency-Key was used for another request. Use a new key for each request, "
            "and the same key only to repeat a request whose answer was lost.",
            field="Idempotency-Key",
        )
