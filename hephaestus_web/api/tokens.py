"""Tokens of people and programs."""

from typing import Any

from hephaestus_core.access import tokens
from hephaestus_core.access.tokens import TokenOrder, TokenView
from hephaestus_web.access.auth import caller
from hephaestus_web.access.known_people import known_people
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.base import EmptyInput
from hephaestus_web.schemas.tokens import NewTokenSchema, TokenInput, TokenSchema
from hephaestus_web.schemas.views import items_of
from hephaestus_web.wiring import database

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens", description="Who may call")


@blueprint.post("")
@blueprint.arguments(TokenInput)
@blueprint.response(201, NewTokenSchema)
def create_token(body: dict[str, Any]) -> dict[str, Any]:
    """Make a token. Its secret is in this answer and nowhere else."""
    made, secret = tokens.create_token(database(), TokenOrder(**body), creator=caller())
    return {**vars(made), "token": secret}


@blueprint.get("")
@blueprint.response(200, items_of(TokenView))
def list_tokens() -> dict[str, list[TokenView]]:
    """List all tokens that were not revoked, by name."""
    return {"items": tokens.list_tokens(database())}


@blueprint.post("/<name>/revoke")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, TokenSchema)
def revoke_token(_body: dict[str, Any], name: str) -> TokenView:
    """End a token; its name may be used again."""
    revoked = tokens.revoke_token(database(), name)
    known_people().forget()
    return revoked
