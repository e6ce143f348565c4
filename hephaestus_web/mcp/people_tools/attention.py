"""Tools about what waits for a person."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.attention import service
from hephaestus_core.attention.views import AttentionView, InboxView
from hephaestus_web.access.acts import only_allowed
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.shapes import Limit


def get_inbox(
    context: CallContext,
    set_aside: Annotated[
        bool, Field(description="What somebody has snoozed or dismissed, instead.")
    ] = False,
    limit: Limit = 50,
) -> InboxView:
    """Read everything that waits for a person or stands still, the oldest blocker first."""
    own = person_door(context)
    return only_allowed(own.person, service.inbox(own.database, set_aside=set_aside, limit=limit))


def set_inbox_item_aside(
    context: CallContext,
    item_id: Annotated[UUID, Field(description="From get_inbox.")],
    act: Annotated[
        Literal["snooze", "dismiss", "undo"],
        Field(description="For some minutes, for good, or back on the list."),
    ] = "snooze",
    minutes: Annotated[int, Field(ge=1, description="For how long it is snoozed.")] = 30,
) -> AttentionView:
    """Snooze or dismiss something that waits or stands still, or put it back."""
    own = person_door(context)
    if act == "snooze":
        return service.snooze(own.database, item_id, minutes=minutes, by=own.person.name)
    if act == "dismiss":
        return service.dismiss(own.database, item_id, by=own.person.name)
    return service.undo(own.database, item_id, by=own.person.name)
