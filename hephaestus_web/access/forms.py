"""CSRF tokens: forms that only our own pages can send.

A visitor's token is one for all of his forms, but each answer shows it under another mask: answers
are compressed, and the length of one would give away a token that always reads the same.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final

from flask import g, request, session

#: Name of the hidden field and of the session value that it must equal.
CSRF: Final = "csrf_token"


def csrf_token() -> str:
    """Return the CSRF token of this visitor's forms, as this answer shows it."""
    if CSRF not in session:
        session[CSRF] = secrets.token_urlsafe(16)
    if "shown_csrf_token" not in g:
        g.shown_csrf_token = _masked(session[CSRF])
    shown: str = g.shown_csrf_token
    return shown


def shown_csrf_token() -> str:
    """Return the token as this answer shows it; empty if it does not."""
    shown: str = g.get("shown_csrf_token", "")
    return shown


def is_our_form() -> bool:
    """Say whether the request's form came from one of our pages."""
    expected = session.get(CSRF)
    given = _unmasked(request.form.get(CSRF, ""))
    return isinstance(expected, str) and secrets.compare_digest(expected.encode(), given)


def _masked(token: str) -> str:
    mask = secrets.token_bytes(len(token))
    return urlsafe_b64encode(mask + _xor(mask, token.encode())).decode()


def _unmasked(shown: str) -> bytes:
    try:
        both = urlsafe_b64decode(shown.encode())
    except (Error, UnicodeEncodeError):
        return b""
    half = len(both) // 2
    return _xor(both[:half], both[half : 2 * half])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
