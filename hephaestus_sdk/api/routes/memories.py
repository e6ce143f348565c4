"""What agents have learned about repositories."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TextIO

from hephaestus_core.contract.ids import IdKind
from hephaestus_core.contract.memory_lines import (
    LONGEST_LINE,
    MEDIA_TYPE,
    MOST_FAULTS,
    MOST_LINES,
)
from hephaestus_sdk.api.memory_views import Memory, MemoryImport
from hephaestus_sdk.api.routes.base import Routes, as_view

#: Bytes of lines that go in one request, below the limit of a body.
_MOST_BYTES: Final = 800_000
#: Seconds for the answer to an import: each line is compared with what is known.
_IMPORT_SECONDS: Final = 120.0


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
        is_global: bool = False,
    ) -> Memory:
        """Add a memory; the same again adds nothing and returns the one that is known.

        A global one is told to agents in all repositories.
        """
        told = {"type": type, "text": text, "tags": list(tags), "files": list(files)}
        body = {"repository": repository, "is_global": is_global, **told}
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

    def export_memories(
        self, output: TextIO, *, repository: str | None = None, forgotten: bool = False
    ) -> int:
        """Write memories as lines of JSON, newest first, and return how many.

        Args:
            output: gets the lines as they arrive.
            repository: only those that were learned there.
            forgotten: those that are forgotten, in place of the others.

        Raises:
            Unavailable: the answer was cut off; the output is not complete.
        """
        asked = {"repository": repository, "forgotten": "true" if forgotten else None}
        count = 0
        for text in self._connection.stream("/memories/export", asked):
            output.write(text)
            count += text.count("\n")
        return count

    def import_memories(
        self, lines: Iterable[str], *, repository: str | None = None
    ) -> MemoryImport:
        """Add the memories of lines of JSON; what is known in the same scope adds nothing.

        Faulty lines are left out and named. A second import adds nothing.

        Args:
            lines: as :meth:`export_memories` writes them, such as an open file.
            repository: where all of them count as learned; None: as each says.
        """
        done = MemoryImport()
        sent = 0
        for part in _parts(lines):
            answer = self._connection.post_text(
                "/memories/import",
                "\n".join(part),
                MEDIA_TYPE,
                {"repository": repository},
                timeout=_IMPORT_SECONDS,
            )
            done = _sum(done, as_view(MemoryImport, answer), after=sent)
            sent += len(part)
        return done

    def _memory(self, memory_id: str) -> str:
        return f"/memories/{self.full_id(memory_id, IdKind.MEMORY)}"


def _parts(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield the lines in parts that fit one request each."""
    part: list[str] = []
    size = 0
    for line in lines:
        kept = line.rstrip("\r\n")[: LONGEST_LINE + 1]  # the server names one that is too long
        length = len(kept.encode("utf-8", "replace")) + 1
        if part and (len(part) == MOST_LINES or size + length > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(kept)
        size += length
    if part:
        yield part


def _sum(done: MemoryImport, more: MemoryImport, *, after: int) -> MemoryImport:
    """Return both together; the lines of the second come after so many others."""
    further = (replace(fault, line=fault.line + after) for fault in more.faults)
    return MemoryImport(
        added=done.added + more.added,
        known=done.known + more.known,
        faulty=done.faulty + more.faulty,
        faults=(*done.faults, *further)[:MOST_FAULTS],
    )
