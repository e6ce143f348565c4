"""The API, one method per route, with typed answers and errors."""

from typing import Any, Literal, Self

from hephaestus_sdk.api.connection import Connection
from hephaestus_sdk.api.routes.access import AccessRoutes
from hephaestus_sdk.api.routes.agents import LONGEST_WAIT, AgentRoutes
from hephaestus_sdk.api.routes.attention import AttentionRoutes
from hephaestus_sdk.api.routes.base import as_view
from hephaestus_sdk.api.routes.budgets import BudgetRoutes
from hephaestus_sdk.api.routes.costs import CostRoutes
from hephaestus_sdk.api.routes.guardian import GuardianRoutes
from hephaestus_sdk.api.routes.interventions import InterventionRoutes
from hephaestus_sdk.api.routes.llm import LlmRoutes
from hephaestus_sdk.api.routes.memories import MemoryRoutes
from hephaestus_sdk.api.routes.notifications import NotificationRoutes
from hephaestus_sdk.api.routes.questions import QuestionRoutes
from hephaestus_sdk.api.routes.reviews import ReviewRoutes
from hephaestus_sdk.api.routes.tasks import TaskRoutes
from hephaestus_sdk.api.routes.vectors import VectorRoutes
from hephaestus_sdk.api.routes.workflows import WorkflowRoutes
from hephaestus_sdk.api.views import EventPage

__all__ = ["LONGEST_WAIT", "HephaestusClient"]


class HephaestusClient(
    WorkflowRoutes,
    TaskRoutes,
    ReviewRoutes,
    AgentRoutes,
    InterventionRoutes,
    GuardianRoutes,
    MemoryRoutes,
    QuestionRoutes,
    AttentionRoutes,
    NotificationRoutes,
    AccessRoutes,
    BudgetRoutes,
    CostRoutes,
    LlmRoutes,
    VectorRoutes,
):
    """Calls one API. Safe to share between threads; close it, or use it in ``with``.

    Args:
        url: where the API answers.
        token: an API token.
        options: see :class:`~hephaestus_sdk.api.connection.Connection`.

    Every method raises the errors of :mod:`hephaestus_sdk.errors`.
    """

    def __init__(self, url: str, token: str | None = None, **options: Any) -> None:
        super().__init__(Connection(url, token, **options))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self._connection.url

    def close(self) -> None:
        """Close the connection; the client cannot be used again."""
        self._connection.close()

    # Health

    def is_alive(self) -> bool:
        """Whether the web process answers; one request."""
        return self._connection.probe("/health") is not None

    def readiness(self) -> dict[str, Any]:
        """Return ``{status, database, redis}`` by one request; ``{}`` without an answer."""
        return self._connection.probe("/ready") or {}

    def wait_until_ready(self, *, patience: float) -> None:
        """Wait until the API is ready.

        Raises:
            Unavailable: it is not within ``patience`` seconds.
        """
        self._connection.get("/ready", patience=patience)

    # Events

    def events(
        self,
        after: int | Literal["latest"] = 0,
        *,
        workflow_id: str | None = None,
        limit: int = 500,
        wait: float = 0.0,
        patience: float | None = None,
    ) -> EventPage:
        """Return events with a number above ``after``, oldest first, and where to read on.

        Args:
            after: sequence number of the last event seen; ``latest``: of the newest there is.
            workflow_id: only events of this workflow.
            limit: at most this many.
            wait: seconds to wait for the first one, at most :data:`LONGEST_WAIT`.
            patience: seconds to go on trying when nothing answers.
        """
        narrowed = self._only_of(workflow_id)
        params = {"after": after, "limit": limit, "wait": wait, "workflow_id": narrowed}
        data = self._connection.get("/events", params, wait=wait, patience=patience)
        return as_view(EventPage, data)
