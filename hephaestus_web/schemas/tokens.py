"""Requests about tokens, and the answer that holds a new one."""

from marshmallow import fields

from hephaestus_core.access.audit import AuditView
from hephaestus_core.access.tokens import TokenView
from hephaestus_web.schemas.base import Input, ShortList, Word, number
from hephaestus_web.schemas.views import page_of, schema_of

TokenSchema = schema_of(TokenView)
AuditPageSchema = page_of(AuditView)


class TokenInput(Input):
    """A token to make."""

    name = Word(required=True)
    role = Word(required=True)
    scopes = ShortList(
        fields.String(),
        load_default=list,
        metadata={"description": "What it is narrowed to; none: all that its role allows."},
    )
    expires_in = number(
        allow_none=True,
        load_default=None,
        metadata={"description": "Seconds until it ends; null: it does not."},
    )


class NewTokenSchema(TokenSchema):  # type: ignore[misc,valid-type]
    """A token with its secret, which is shown this once."""

    token = fields.String()
