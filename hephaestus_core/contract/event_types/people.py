"""Events of what people put aside, and of API tokens."""

from typing import Final

from hephaestus_core.contract import event_fields as f

ATTENTION_MARKED: Final = (
    "attention.marked",
    "A person has put aside something that waits or stands still, or put it back.",
    *f.ATTENTION,
)
NOTIFICATION_SENT: Final = (
    "notification.sent",
    "A channel has taken a message about what waits for people.",
    *f.NOTIFICATION,
)
NOTIFICATION_FAILED: Final = (
    "notification.failed",
    "A channel did not take such a message, and no try is left.",
    *f.NOTIFICATION,
)
TOKEN_CREATED: Final = ("token.created", "An API token was created.", f.TOKEN)
TOKEN_REVOKED: Final = ("token.revoked", "An API token was revoked.", f.TOKEN)
