"""A worker as the bearer of its host's name, without the engine: programs beside it stay small."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Bearer:
    """A worker process."""

    id: UUID
    """New for each process."""
    place: str
    """The lock that it holds for its whole life, the same for its successors."""
