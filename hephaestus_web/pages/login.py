"""Logging in with a token, and out."""

from flask import Response, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.access.service import Person
from hephaestus_core.contract.errors import Unauthenticated
from hephaestus_core.tokens import token_hash
from hephaestus_web.access.auth import LOGIN
from hephaestus_web.access.forms import is_our_form
from hephaestus_web.access.known_people import known_people
from hephaestus_web.access.token_guesses import token_guesses
from hephaestus_web.pages.blueprint import blueprint


@blueprint.get("/login")
def login() -> str:
    """Show the form. A token behind ``#`` in the address fills it in, within the browser."""
    return render_template("login.html", following=_following(), error=None)


@blueprint.post("/login")
def log_in() -> ResponseReturnValue:
    """Take a token for a session cookie, which holds its hash alone."""
    token = request.form.get("token", "").strip()
    try:
        g.caller = _holder(token)
    except Unauthenticated as error:
        page = render_template("login.html", following=_following(), error=error.message)
        return Response(page, status=401)
    session.clear()
    session[LOGIN] = token_hash(token)
    session.permanent = True
    return redirect(_following(), 303)


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """Forget the login, in this browser: the cookie is all there is of it.

    A copy of the cookie that somebody took before would go on until its token is revoked or ends.
    """
    session.clear()
    return redirect(url_for("pages.login"), 303)


def _holder(token: str) -> Person:
    if not is_our_form():
        raise Unauthenticated("This form was out of date; try again.")
    with token_guesses().counted("login"):
        return known_people().by_token(token)


def _following() -> str:
    """Return the page of ours to go to after the login; an address elsewhere is not followed."""
    wanted = request.values.get("next", "/")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if ours and wanted.isprintable() else "/"
