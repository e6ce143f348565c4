"""Codes that log a browser in."""

from typing import Any

from hephaestus_core.access import login_codes
from hephaestus_core.access.login_codes import NewLoginCode
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.base import EmptyInput
from hephaestus_web.schemas.views import schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "login-codes", __name__, url_prefix="/login-codes", description="Links that log a browser in"
)


@blueprint.post("")
@blueprint.arguments(EmptyInput)
@blueprint.response(201, schema_of(NewLoginCode))
def create_login_code(_body: dict[str, Any]) -> NewLoginCode:
    """Make a code that logs a browser in as you, once and within ten minutes.

    Open `/login#<code>`, or paste the code into the login form.
    """
    return login_codes.create_login_code(database(), caller())
