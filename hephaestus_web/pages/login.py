"""Logging in with a token or a login code, and out."""

from http import HTTPStatus
from typing import Final

from flask import Response, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.access.login_codes import redeem
from hephaestus_core.access.service import Person
from hephaestus_core.contract.errors import HephaestusError, RateLimited, Unauthenticated
from hephaestus_core.tokens import is_login_code, token_hash
from hephaestus_web.access.auth import LOGIN
from hephaestus_web.access.forms import is_our_form
from hephaestus_web.access.known_people import known_people
from hephaestus_web.access.token_guesses import token_guesses
from hephaestus_web.errors import status_of
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database

_NOBODYS: Final = (
    "This token is unknown, expired or revoked. Check that you copied all of it, or run "
    "`hephaestus login-link` on this stack's machine and open the link that it prints."
)
_NO_GOOD_LINK: Final = (
    "This login link is unknown, was used before or is older than 10 minutes. Run "
    "`hephaestus login-link` on this stack's machine and open the link that it prints."
)


@blueprint.get("/login")
def login() -> Response:
    """Show the form. What stands behind ``#`` in the address is sent by the page's own script."""
    return _form()


@blueprint.post("/login")
def log_in() -> ResponseReturnValue:
    """Take a token, a code or its link for a session cookie, which holds a token's hash alone."""
    # The whole link may have been pasted; no token and no code has a "#" in it.
    given = request.form.get("token", "").rpartition("#")[2].strip()
    try:
        g.caller, hashed = _holder(given)
    except (Unauthenticated, RateLimited) as error:
        return _form(error)
    session.clear()
    session[LOGIN] = hashed
    session.permanent = True
    return redirect(_following(), 303)


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """Forget the login, in this browser: the cookie is all there is of it.

    A copy of the cookie that somebody took before would go on until its token is revoked or ends.
    """
    session.clear()
    return redirect(url_for("pages.login"), 303)


def _holder(given: str) -> tuple[Person, str]:
    """Return who holds a token or made a code, and the hash of their token.

    Raises:
        Unauthenticated: nobody does, or the form is none of ours; told in words for the page.
        RateLimited: too many wrong ones came from this address.
    """
    if not is_our_form():
        raise Unauthenticated("This form is out of date; try again.")
    code = is_login_code(given)
    try:
        with token_guesses().counted("login"):
            hashed = redeem(database(), given) if code else token_hash(given)
            return known_people().by_hash(hashed), hashed
    except Unauthenticated:
        raise Unauthenticated(_NO_GOOD_LINK if code else _NOBODYS) from None


def _form(error: HephaestusError | None = None) -> Response:
    message = None if error is None else error.message
    page = render_template("login.html", following=_following(), error=message)
    response = Response(page, status=HTTPStatus.OK if error is None else status_of(error))
    response.headers["Referrer-Policy"] = "no-referrer"
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.details["retry_after"])
    return response


def _following() -> str:
    """Return the page of ours to go to after the login; an address elsewhere is not followed."""
    wanted = request.values.get("next", "/")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if ours and wanted.isprintable() else "/"
