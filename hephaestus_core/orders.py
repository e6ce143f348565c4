"""Orders that are sent twice: an idempotency key stands for one order, and for no other."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from hephaestus_core.contract.errors import KeyReused


def order_hash(order: Mapping[str, Any]) -> str:
    """Return what orders for the same have in common; what is None counts as left out."""
    asked = {name: value for name, value in order.items() if value is not None}
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def refuse_another(known: str | None, sent: str) -> None:
    """Return if the order that came first with a key, and one that came now, are the same.

    Args:
        known: hash of the first; None: it was not kept, as before there were hashes.
        sent: hash of the one that came now.

    Raises:
        KeyReused: they are not.
    """
    if known is not None and known != sent:
        raise KeyReused(
            "This Idempotency-Key was used for another order; use a new one for each order, and "
            "the same again only to repeat one whose answer was lost.",
            field="Idempotency-Key",
        )
