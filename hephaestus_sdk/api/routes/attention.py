"""What waits for a person or stands still."""

from hephaestus_sdk.api.attention_views import AttentionItem, Inbox
from hephaestus_sdk.api.routes.base import Routes, as_view, part


class AttentionRoutes(Routes):
    """Routes below ``/attention``."""

    def inbox(self, *, set_aside: bool = False, limit: int = 200) -> Inbox:
        """Return what waits for a person or stands still, the oldest blocker first.

        Args:
            set_aside: what somebody has snoozed or dismissed, instead.
            limit: at most this many items; the numbers are of all.
        """
        wanted = {"set_aside": str(set_aside).lower(), "limit": limit}
        return as_view(Inbox, self._connection.get("/attention", wanted))

    def snooze(self, item_id: str, minutes: int = 30) -> AttentionItem:
        """Put an item of the inbox aside; it comes back by itself if it still waits then.

        Raises:
            NotFound: nothing with this id waits any more.
        """
        return self._put(item_id, "snooze", {"minutes": minutes})

    def dismiss(self, item_id: str) -> AttentionItem:
        """Take an item off the inbox for good.

        Raises:
            NotFound: nothing with this id waits any more.
            Conflict: it needs a decision.
        """
        return self._put(item_id, "dismiss", {})

    def restore(self, item_id: str) -> AttentionItem:
        """Put a snoozed or dismissed item back on the list.

        Raises:
            NotFound: nothing with this id waits any more.
            Conflict: nobody has put it aside.
        """
        return self._put(item_id, "undo", {})

    def _put(self, item_id: str, act: str, body: dict[str, int]) -> AttentionItem:
        path = f"/attention/{part(item_id)}/{act}"
        return as_view(AttentionItem, self._connection.post(path, body))
