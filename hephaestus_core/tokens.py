"""New tokens, and the hash under which they are stored."""

import hashlib
import secrets

#: 32 random bytes cannot be guessed, so a plain SHA-256 is enough.
_BYTES = 32
_LOGIN = "heph_login_"


def new_token(kind: str) -> str:
    """Return a new secret such as ``heph_agent_…``; people and scanners recognise the prefix."""
    return f"heph_{kind}_{secrets.token_urlsafe(_BYTES)}"


def new_login_code() -> str:
    """Return a new code such as ``heph_login_…``: short enough that its link fits on one line.

    128 random bits are plenty for a code that works once, within minutes.
    """
    return f"{_LOGIN}{secrets.token_urlsafe(16)}"


def is_login_code(text: str) -> bool:
    """Say whether ``text`` is of the kind that logs a browser in, whether or not it is good."""
    return text.startswith(_LOGIN)


def is_agent_token(token: str) -> bool:
    """Say whether a token is one of an attempt, valid or not."""
    return token.startswith("heph_agent_")


def token_hash(token: str) -> str:
    """Return the hash of ``token`` that the database stores."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
