"""Making tokens, and the only form in which they are kept."""

import hashlib
import secrets

#: 32 random bytes: a plain SHA-256 is enough, since there is nothing to guess from.
_BYTES = 32


def new_token(kind: str) -> str:
    """Return a new secret such as ``heph_agent_…``; ``kind`` lets scanners and people tell it."""
    return f"heph_{kind}_{secrets.token_urlsafe(_BYTES)}"


def is_agent_token(token: str) -> bool:
    """Say whether a token is of the kind that attempts get, whether or not it is good."""
    return token.startswith("heph_agent_")


def token_hash(token: str) -> str:
    """Return what the database keeps of ``token``."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
