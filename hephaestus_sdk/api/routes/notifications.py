"""Messages that tell people what waits for them."""

from hephaestus_sdk.api.notification_views import Notification, Notifications
from hephaestus_sdk.api.routes.base import Routes, as_view


class NotificationRoutes(Routes):
    """Routes below ``/notifications``."""

    def notifications(self) -> Notifications:
        """Return the channels that workers have configured, and the newest messages to them."""
        return as_view(Notifications, self._connection.get("/notifications"))

    def notify_test(self, channel: str | None = None) -> list[Notification]:
        """Have a trial sent to each channel, or to one; returns at once."""
        answer = self._connection.post("/notifications/test", {"channel": channel})
        return [as_view(Notification, item) for item in answer["items"]]
