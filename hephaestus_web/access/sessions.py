"""The cookie of a login: signed by this stack, and ``Secure`` over TLS."""

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface


class SessionCookie(SecureCookieSessionInterface):
    """Flask's cookie, ``Secure`` wherever the client came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """Say whether browsers may send the cookie over TLS alone."""
        return request.is_secure
