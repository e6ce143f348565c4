"""A copy of vectors in Qdrant: the few calls that are made, and one error for whatever fails."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

from hephaestus_core.contract.texts import plain
from hephaestus_core.llm.providers import without_key
from hephaestus_core.vectors.copy_rows import Changed
from hephaestus_core.vectors.rules import CopyAway

#: Seconds for an answer to a search, and to a call that changes the copy.
ASK_SECONDS: Final = 1
WRITE_SECONDS: Final = 10
_SCOPE: Final = "scope"


class Qdrant:
    """A Qdrant server; threads share it.

    Args:
        url: of the server.
        key: empty: it takes none.
        client: in place of a connection to the server.
    """

    def __init__(
        self, url: str, key: str, *, seconds: int, client: QdrantClient | None = None
    ) -> None:
        self._key = key
        self._client = client or QdrantClient(
            url=url, api_key=key or None, timeout=seconds, check_compatibility=False
        )

    def dimension(self, name: str) -> int | None:
        """Return the size of a collection's vectors; None: there is no such collection."""
        with self._asking():
            if not self._client.collection_exists(name):
                return None
            held = self._client.get_collection(name).config.params.vectors
            return held.size if isinstance(held, models.VectorParams) else 0

    def make(self, name: str, dimension: int) -> None:
        """Make an empty collection in place of whatever has its name."""
        with self._asking():
            self._client.delete_collection(name)
            self._client.create_collection(
                name,
                vectors_config=models.VectorParams(size=dimension, distance=models.Distance.COSINE),
            )
            self._client.create_payload_index(
                name, _SCOPE, field_schema=models.PayloadSchemaType.KEYWORD
            )

    def drop(self, name: str) -> None:
        """Delete a collection; a missing one is fine."""
        with self._asking():
            self._client.delete_collection(name)

    def put(self, name: str, points: Sequence[Changed]) -> None:
        """Store vectors, and delete those that are gone; a repeated call changes nothing."""
        kept = {point.item_id: point for point in points if point.vector is not None}
        gone = [str(point.item_id) for point in points if point.vector is None]
        with self._asking():
            if kept:
                batch = models.Batch(
                    ids=[str(id_) for id_ in kept],
                    vectors=[point.vector or [] for point in kept.values()],
                    payloads=[{_SCOPE: point.scope} for point in kept.values()],
                )
                self._client.upsert(name, points=batch, wait=True)
            if gone:
                ids = models.PointIdsList(points=list(gone))
                self._client.delete(name, points_selector=ids, wait=True)

    def count(self, name: str) -> int:
        """Return how many vectors a collection holds."""
        with self._asking():
            return self._client.count(name, exact=True).count

    def nearest(
        self, name: str, scopes: Sequence[str], vector: Sequence[float], limit: int
    ) -> list[tuple[UUID, float]]:
        """Return what is nearest to a vector within scopes, nearest first."""
        within = models.FieldCondition(key=_SCOPE, match=models.MatchAny(any=list(scopes)))
        with self._asking():
            found = self._client.query_points(
                name,
                query=list(vector),
                query_filter=models.Filter(must=[within]),
                limit=limit,
                with_payload=False,
            )
            return [(UUID(str(point.id)), point.score) for point in found.points]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except ResponseHandlingException as error:
            raise CopyAway("Qdrant does not answer; check qdrant_url and the network.") from error
        except (ApiException, ValueError, KeyError, TypeError, AttributeError) as error:
            # An answer in another form is one of the last four.
            said = without_key(plain(" ".join(str(error).split()))[:200], self._key)
            raise CopyAway(f"Qdrant refused a call: {said}") from error
