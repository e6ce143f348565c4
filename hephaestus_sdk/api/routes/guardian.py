"""How good the Guardian's judgements were."""

from hephaestus_sdk.api.guardian_views import GuardianReport
from hephaestus_sdk.api.routes.base import Routes, as_view


class GuardianRoutes(Routes):
    """Routes below ``/guardian``."""

    def guardian_report(self, *, days: int = 7) -> GuardianReport:
        """Return how often agents made headway after the judgements of models on them.

        Args:
            days: the last so many, at most 30.
        """
        return as_view(GuardianReport, self._connection.get("/guardian/report", {"days": days}))
