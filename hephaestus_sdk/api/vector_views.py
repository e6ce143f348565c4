"""What the API tells of searches by meaning."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class VectorCollection:
    """The texts of one kind."""

    name: str
    texts: int = 0
    waiting: int = 0
    """Texts without a vector of the wanted embedder."""
    copy_behind: int | None = None
    """Changes that the copy in Qdrant has not followed yet, about; None: there is no copy."""
    copy_trouble: str | None = None
    """Why the copy is not asked; None: there is no reason."""
    copy_checked_at: datetime | None = None
    """When a worker last compared the copy."""


@dataclass(frozen=True, kw_only=True)
class VectorState:
    """How searches by meaning stand."""

    embedder: str | None = None
    """The embedder that makes vectors; None: no server has been started with one."""
    dimension: int | None = None
    """Numbers of each of its vectors; None: it has made none yet."""
    answering: str | None = None
    """The embedder whose vectors are searched: the one before, until all texts are read."""
    complete: bool = False
    """Whether the wanted embedder has read every text."""
    trouble: str | None = None
    """Why no vectors are made; None: there is no reason."""
    answered_by: str = "postgres"
    """``qdrant`` where it is configured and every copy is up to date, else ``postgres``."""
    collections: tuple[VectorCollection, ...] = ()
