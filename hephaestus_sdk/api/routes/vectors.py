"""Searches by meaning."""

from hephaestus_sdk.api.routes.base import Routes, as_view
from hephaestus_sdk.api.vector_views import VectorState


class VectorRoutes(Routes):
    """Routes below ``/vectors``."""

    def vectors(self) -> VectorState:
        """Return how searches by meaning stand."""
        return as_view(VectorState, self._connection.get("/vectors"))

    def reindex(self, target: str = "all") -> VectorState:
        """Have vectors made anew in the background; searches go on meanwhile.

        Args:
            target: ``vectors``: all texts are read again; ``copy``: the copy in Qdrant is made
                anew; ``all``: both.
        """
        answer = self._connection.post("/vectors/reindex", {"target": target})
        return as_view(VectorState, answer)
