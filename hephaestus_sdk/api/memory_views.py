"""Views of memories: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Something that was learned about a repository."""

    id: str
    repository: str = ""
    is_global: bool = False
    """Agents in all repositories are told it."""
    type: str = ""
    text: str = ""
    also: tuple[str, ...] = ()
    """Other texts that say the same."""
    tags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    task_id: str | None = None
    """The task whose agent learned it; None: a person or a program added it."""
    agent_id: str | None = None
    commit: str | None = None
    """The commit at which it was learned."""
    uses: int = 0
    """Agents that were told it."""
    useful: int = 0
    useless: int = 0
    wrong: int = 0
    used_at: datetime | None = None
    created_at: datetime | None = None
    saved_at: datetime | None = None
    """When somebody said it last, or restored it."""
    forgotten_at: datetime | None = None
    """Since when nobody is told it any more."""
    forgotten_because: str | None = None
    """unused or wrong."""
    origin_task_id: str | None = None
    """The task that learned it, on the stack from which it was imported."""
    origin_agent_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class LineFault:
    """A line of an import that was not taken."""

    line: int = 0
    """Its number, from 1."""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class MemoryImport:
    """What an import of memories did."""

    added: int = 0
    known: int = 0
    """Lines of which a memory in the same scope says the same."""
    faulty: int = 0
    faults: tuple[LineFault, ...] = ()
    """The first 20 of them."""
