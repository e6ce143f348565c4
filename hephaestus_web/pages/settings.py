"""The page of what is set: definitions, tokens, channels, models, and the audit log."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.access import tokens
from hephaestus_core.access.audit import list_entries
from hephaestus_core.access.rules import ROLES, Scope
from hephaestus_core.access.tokens import TokenOrder
from hephaestus_core.definitions import service as definitions
from hephaestus_core.notifications import service as notifications
from hephaestus_web.access.auth import access_of, caller, may
from hephaestus_web.access.known_people import known_people
from hephaestus_web.pages import fields
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.audit_trail import name_created
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.wiring import database, llm, vectors

_DAY = 24 * 3600
#: Changes on one page of the audit log.
_PAGE = 50


@blueprint.get("/settings")
def settings() -> str:
    """Show what is set."""
    return _page()


def _page(made: tuple[str, str] | None = None) -> str:
    """Return the page; with a new token's name and secret, which are shown this once."""
    sees_tokens = may(caller(), access_of("tokens.list_tokens"))
    return render_template(
        "lists/settings.html",
        definitions=definitions.list_definitions(database(), offered_only=True),
        told=notifications.notifications(database()),
        models=llm().state(),
        meaning=vectors().state(),
        tokens=tokens.list_tokens(database()) if sees_tokens else None,
        stack_token=tokens.STACK_TOKEN,
        made=made,
        roles=ROLES,
        scopes=list(Scope),
    )


@blueprint.post("/settings/tokens")
def create_token() -> ResponseReturnValue:
    """Make a token and show its secret once."""
    days = fields.whole("days")
    order = TokenOrder(
        name=fields.text("name"),
        role=fields.text("role"),
        scopes=request.form.getlist("scopes"),
        expires_in=None if days is None else days * _DAY,
    )
    made, secret = tokens.create_token(database(), order, creator=caller())
    name_created(made.name)
    return Response(_page((made.name, secret)), status=201)


@blueprint.post("/settings/tokens/<name>/revoke")
def revoke_token(name: str) -> ResponseReturnValue:
    """End a token."""
    tokens.revoke_token(database(), name)
    known_people().forget()
    return redirect(url_for("pages.settings") + "#tokens", 303)


@blueprint.post("/settings/definitions/<definition_id>/delete")
def delete_definition(definition_id: str) -> ResponseReturnValue:
    """Delete a definition; its workflows go on."""
    definitions.delete_definition(database(), definition_id)
    return redirect(url_for("pages.settings"), 303)


@blueprint.post("/settings/notifications/test")
def send_test() -> ResponseReturnValue:
    """Have a trial sent to a channel."""
    notifications.add_samples(database(), by=caller().name, channel=fields.text("channel") or None)
    return redirect(url_for("pages.settings") + "#channels", 303)


@blueprint.get("/settings/audit")
def audit() -> str:
    """Show who changed what, newest first."""
    entries, following = list_entries(
        database(), limit=_PAGE, cursor=cursor_key(request.args.get("cursor"))
    )
    return render_template("lists/audit.html", entries=entries, next_cursor=cursor_text(following))
