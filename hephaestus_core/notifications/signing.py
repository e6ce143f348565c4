"""The signature of webhooks, as https://www.standardwebhooks.com describes it.

So receivers may verify it with any of the libraries for that.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

_PREFIX: Final = "whsec_"
#: Least bytes of a key.
LEAST_BYTES: Final = 24


def key_of(secret: str) -> bytes | None:
    """Return the key that a secret stands for, ``whsec_`` and base64; None if it is none."""
    text = secret.strip().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= LEAST_BYTES else None


def signed_headers(message_id: UUID, seconds: int, body: bytes, key: bytes) -> dict[str, str]:
    """Return the headers that say which message it is, when it was sent, and by whom.

    Args:
        message_id: the same at each try, so that a receiver knows a second delivery.
        seconds: the time of this try, since 1970.
        body: the body as it is sent.
        key: that sender and receiver share.
    """
    signed = f"{message_id}.{seconds}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{digest}",
    }
