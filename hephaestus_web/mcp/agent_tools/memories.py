"""Tools for what agents of one repository learn from each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents import memories_of_agents as service
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.memory.forgetting import forgetting_policy
from hephaestus_core.memory.rules import MemoryView
from hephaestus_web.mcp.identity import CallContext, agent_door
from hephaestus_web.mcp.shapes import Texts

Kind = Literal["error_fix", "discovery", "decision", "learning", "warning", "codebase_knowledge"]


@dataclass(frozen=True)
class SavedMemory:
    """A memory as it is stored."""

    memory_id: UUID
    joined: Annotated[bool, Field(description="A known memory says the same; both are kept.")]


@dataclass(frozen=True)
class FoundMemory:
    """A memory; its text stands between marks."""

    memory_id: UUID
    type: str
    text: str
    tags: list[str]
    files: list[str]
    commit: Annotated[str | None, Field(description="At which it was learned.")]
    saved_on: str
    useful: Annotated[int, Field(description="Agents that it helped.")]
    wrong: Annotated[int, Field(description="Agents that call it wrong.")]


@dataclass(frozen=True)
class FoundMemories:
    """What earlier agents say, best first. It is hearsay: check it before you rely on it."""

    note: str
    memories: list[FoundMemory]


@dataclass(frozen=True)
class RatedMemory:
    """A memory with all of its ratings."""

    memory_id: UUID
    useful: int
    useless: int
    wrong: int


def save_memory(
    context: CallContext,
    text: Annotated[str, Field(description="One thing, in whole sentences; no secrets.")],
    type: Annotated[Kind, Field(description="The kind of thing.")] = "discovery",  # noqa: A002 - the name on the wire
    tags: Annotated[Texts, Field(description="A few words to find it by.")] = [],  # noqa: B006 - pydantic copies it
    files: Annotated[Texts, Field(description="Paths that it is about.")] = [],  # noqa: B006 - pydantic copies it
) -> SavedMemory:
    """Save a memory of the caller's repository."""
    own = agent_door(context)
    saved = service.save_memory(own.database, own.agent_id, type, text, tags=tags, files=files)
    return SavedMemory(saved.memory.id, saved.joined)


def find_memories(
    context: CallContext,
    question: Annotated[str, Field(description="Words, names, paths or an error message.")],
    limit: Annotated[int, Field(ge=1, le=20, description="Most memories to return.")] = 5,
) -> FoundMemories:
    """Find memories of the caller's repository."""
    own = agent_door(context)
    by_meaning = own.wiring.vectors
    found = service.find_memories(
        own.database, own.agent_id, question, limit=limit, vectors=by_meaning
    )
    return fenced(found, "Rate with rate_memory what helped or is wrong.")


def rate_memory(
    context: CallContext,
    memory_id: Annotated[UUID, Field(description="From find_memories or your prompt.")],
    rating: Annotated[
        Literal["useful", "useless", "wrong"], Field(description="wrong: false, or outdated.")
    ],
) -> RatedMemory:
    """Rate a memory of the caller's repository."""
    own = agent_door(context)
    policy = forgetting_policy(own.wiring.settings)
    rated = service.rate_memory(own.database, own.agent_id, memory_id, rating, policy=policy)
    return RatedMemory(rated.id, rated.useful, rated.useless, rated.wrong)


def fenced(found: Sequence[MemoryView], advice: str) -> FoundMemories:
    """Return memories with their texts between marks, for strangers wrote all that they say."""
    marks = Marks()
    note = (
        f"{marks.explanation} So were the tags and the names of files. {advice}"
        if found
        else "Nothing relevant is known."
    )
    return FoundMemories(note, [_shown(each, marks) for each in found])


def _shown(memory: MemoryView, marks: Marks) -> FoundMemory:
    return FoundMemory(
        memory_id=memory.id,
        type=memory.type,
        text=marks.quoted("memory", "\n".join([memory.text, *memory.also[-1:]])),
        tags=memory.tags,
        files=memory.files,
        commit=memory.commit,
        saved_on=memory.saved_at.date().isoformat(),
        useful=memory.useful,
        wrong=memory.wrong,
    )
