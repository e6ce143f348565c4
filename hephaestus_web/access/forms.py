"""CSRF tokens: forms that only our own pages can send."""

import secrets
from typing import Final

from flask import request, session

#: Name of the hidden field and of the session value that it must equal.
CSRF: Final = "csrf_token"


def csrf_token() -> str:
    """Return the CSRF token of this visitor's forms."""
    if CSRF not in session:
        session[CSRF] = secrets.token_urlsafe(16)
    token: str = session[CSRF]
    return token


def is_our_form() -> bool:
    """Say whether the request's form came from one of our pages."""
    expected = session.get(CSRF)
    given = request.form.get(CSRF, "")
    return isinstance(expected, str) and secrets.compare_digest(expected.encode(), given.encode())
