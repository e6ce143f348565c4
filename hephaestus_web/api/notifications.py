"""The channels that tell people what waits for them, and trials of them."""

from typing import Any

from hephaestus_core.notifications import service
from hephaestus_core.notifications.views import NotificationsView, NotificationView
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.notifications import TrialInput
from hephaestus_web.schemas.views import items_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "notifications",
    __name__,
    url_prefix="/notifications",
    description="Messages that tell people what waits for them",
)


@blueprint.get("")
@blueprint.response(200, schema_of(NotificationsView))
def get_notifications() -> NotificationsView:
    """Read the channels that workers have configured, and the 50 newest messages to them."""
    return service.notifications(database())


@blueprint.post("/test")
@blueprint.arguments(TrialInput)
@blueprint.response(200, items_of(NotificationView))
def send_test(body: dict[str, Any]) -> dict[str, list[NotificationView]]:
    """Have a trial sent to each channel, or to one; read the list to see how it ended."""
    return {"items": service.add_samples(database(), by=caller().name, **body)}
