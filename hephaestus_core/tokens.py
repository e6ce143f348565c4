"""New tokens, and the hash under which they are stored."""

import hashlib
import secrets

#: 32 random bytes cannot be guessed, so a plain SHA-256 is enough.
_BYTES = 32


def new_token(kind: str) -> str:
    """Return a new secret such as ``heph_agent_…``; people and scanners recognise the prefix."""
    return f"heph_{kind}_{secrets.token_urlsafe(_BYTES)}"


def is_agent_token(token: str) -> bool:
    """Say whether a token is one of an attempt, valid or not."""
    return token.startswith("heph_agent_")


def token_hash(token: str) -> str:
    """Return the hash of ``token`` that the database stores."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
