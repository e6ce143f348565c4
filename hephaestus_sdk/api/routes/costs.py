"""What models have cost."""

from hephaestus_sdk.api.cost_views import Spending
from hephaestus_sdk.api.routes.base import Routes, as_view


class CostRoutes(Routes):
    """Routes below ``/costs``."""

    def costs(self, *, by: str = "day", days: int = 30, workflow_id: str | None = None) -> Spending:
        """Return what agents and the system's own calls to models have used.

        Args:
            by: what each row is about: day, workflow or model.
            days: with today, in UTC.
            workflow_id: only of this workflow.
        """
        wanted = {"by": by, "days": days, "workflow_id": self._only_of(workflow_id)}
        return as_view(Spending, self._connection.get("/costs", wanted))
