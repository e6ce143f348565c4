"""What agents have learned about repositories."""

from collections.abc import Sequence

from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.memory_views import Memory
from hephaestus_sdk.api.routes.base import Routes, as_view


class MemoryRoutes(Routes):
    """Routes below ``/memories``."""

    def memories(
        self,
        *,
        repository: str | None = None,
        type: str | None = None,  # noqa: A002 - the name on the wire
        forgotten: bool | None = None,
        limit: int | None = None,
    ) -> list[Memory]:
        """Return memories, newest first, with those that agents are not told any more.

        Args:
            repository: only those that were learned there.
            type: error_fix, discovery, decision, learning, warning or codebase_knowledge.
            forgotten: only forgotten ones, or only the others; None: both.
            limit: at most this many.
        """
        wanted: dict[str, str | None] = {"repository": repository, "type": type}
        if forgotten is not None:
            wanted["forgotten"] = "true" if forgotten else "false"
        return [as_view(Memory, item) for item in self._pages("/memories", wanted, limit)]

    def search_memories(self, repository: str, question: str, *, limit: int = 5) -> list[Memory]:
        """Return the memories that bear on a question, best first, as agents would find them."""
        asked = {"repository": repository, "question": question, "limit": limit}
        found = self._connection.get("/memories/search", asked)
        return [as_view(Memory, item) for item in found["items"]]

    def memory(self, memory_id: str) -> Memory:
        """Return one memory."""
        return as_view(Memory, self._connection.get(self._memory(memory_id)))

    def add_memory(
        self,
        repository: str,
        type: str,  # noqa: A002 - the name on the wire
        text: str,
        *,
        tags: Sequence[str] = (),
        files: Sequence[str] = (),
    ) -> Memory:
        """Add a memory; the same again adds nothing and returns the one that is known."""
        told = {"type": type, "text": text, "tags": list(tags), "files": list(files)}
        body = {"repository": repository, **told}
        return as_view(Memory, self._connection.post("/memories", body))

    def edit_memory(
        self,
        memory_id: str,
        type: str,  # noqa: A002 - the name on the wire
        text: str,
        *,
        tags: Sequence[str] = (),
        files: Sequence[str] = (),
        is_global: bool = False,
    ) -> Memory:
        """Replace what a memory says and where it is found; its ratings and uses stay.

        Raises:
            Conflict: another one has these words.
        """
        told = {"type": type, "text": text, "tags": list(tags), "files": list(files)}
        body = {**told, "is_global": is_global}
        return as_view(Memory, self._connection.put(self._memory(memory_id), body))

    def rate_memory(self, memory_id: str, rating: str) -> Memory:
        """Rate a memory, in place of an earlier rating by the same token.

        Args:
            memory_id: of the memory.
            rating: useful, useless or wrong. What two rate wrong is forgotten.
        """
        rated = self._connection.put(f"{self._memory(memory_id)}/rating", {"rating": rating})
        return as_view(Memory, rated)

    def restore_memory(self, memory_id: str) -> Memory:
        """Let a forgotten memory be told again; ratings as wrong are taken back."""
        return as_view(Memory, self._connection.post(f"{self._memory(memory_id)}/restore", {}))

    def delete_memory(self, memory_id: str) -> Memory:
        """Delete a memory with its ratings, and return what it was."""
        return as_view(Memory, self._connection.delete(self._memory(memory_id)))

    def _memory(self, memory_id: str) -> str:
        return f"/memories/{self.full_id(memory_id, IdKind.MEMORY)}"
