"""Models that the system itself asks."""

from hephaestus_sdk.api.llm_views import LlmState, LlmTrial
from hephaestus_sdk.api.routes.base import Routes, as_view


class LlmRoutes(Routes):
    """Routes below ``/llm``."""

    def llm(self) -> LlmState:
        """Return whether the system can ask models, and what calls have used."""
        return as_view(LlmState, self._connection.get("/llm"))

    def try_llm(self) -> list[LlmTrial]:
        """Have the server send one tiny call to each model that is configured."""
        answer = self._connection.post("/llm/trial", {})
        return [as_view(LlmTrial, item) for item in answer["items"]]
