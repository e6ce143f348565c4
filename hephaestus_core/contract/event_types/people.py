"""Events of what people put aside, and of API tokens."""

from typing import Final

from hephaestus_core.contract import event_fields as f

ATTENTION_MARKED: Final = (
    "attention.marked",
    "A person has put an item of the inbox aside, or back.",
    *f.ATTENTION,
)
TOKEN_CREATED: Final = ("token.created", "An API token was created.", f.TOKEN)
TOKEN_REVOKED: Final = ("token.revoked", "An API token was revoked.", f.TOKEN)
