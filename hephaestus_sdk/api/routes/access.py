"""Tokens and the audit log."""

from collections.abc import Sequence

from hephaestus_sdk.api.routes.base import Routes, as_view, part
from hephaestus_sdk.api.token_views import AuditEntry, NewLoginCode, NewToken, Token


class AccessRoutes(Routes):
    """Routes below ``/tokens`` and ``/audit``."""

    def create_token(
        self,
        name: str,
        *,
        role: str,
        scopes: Sequence[str] = (),
        expires_in: int | None = None,
    ) -> NewToken:
        """Make a token; ``expires_in`` is in seconds, None: it does not expire.

        Not repeated: after a lost answer, revoke the token and make another.
        """
        body = {"name": name, "role": role, "scopes": list(scopes), "expires_in": expires_in}
        return as_view(NewToken, self._connection.post("/tokens", body))

    def tokens(self) -> list[Token]:
        """Return all tokens that are not revoked."""
        return [as_view(Token, item) for item in self._connection.get("/tokens")["items"]]

    def revoke_token(self, name: str) -> Token:
        """Revoke a token."""
        return as_view(Token, self._connection.post(f"/tokens/{part(name)}/revoke"))

    def create_login_code(self) -> NewLoginCode:
        """Make a code that logs a browser in as you, at ``/login#<code>``."""
        return as_view(NewLoginCode, self._connection.post("/login-codes"))

    def audit(self, *, limit: int | None = None) -> list[AuditEntry]:
        """Return the audit log, newest first, at most ``limit`` entries."""
        return [as_view(AuditEntry, item) for item in self._pages("/audit", {}, limit)]
