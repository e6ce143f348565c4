"""Tools about what agents have learned."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.memory import service
from hephaestus_core.memory.forgetting import forgetting_policy
from hephaestus_web.mcp.agent_tools.memories import FoundMemories, Kind, RatedMemory, fenced
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.shapes import Texts, Word

Repository = Annotated[Word, Field(description="The repository as its workflows name it.")]
MemoryId = Annotated[UUID, Field(description="From find_memories.")]
OneThing = Annotated[str, Field(description="One thing, in whole sentences; no secrets.")]
Files = Annotated[Texts, Field(description="Paths that it is about.")]


@dataclass(frozen=True)
class KeptMemory:
    """A memory that was added, changed, restored or deleted."""

    memory_id: UUID


def find_memories(
    context: CallContext,
    repository: Repository,
    question: Annotated[str, Field(description="Words, names, paths or an error message.")],
    limit: Annotated[int, Field(ge=1, le=20, description="Most memories to return.")] = 5,
) -> FoundMemories:
    """Find what agents have learned about a repository; it does not count as a use."""
    own = person_door(context)
    found = service.search_memories(
        own.database, repository, question, limit=limit, vectors=own.wiring.vectors
    )
    return fenced(found, "Agents are told them in the same order.")


def save_memory(
    context: CallContext,
    repository: Repository,
    text: OneThing,
    type: Annotated[Kind, Field(description="The kind of thing.")] = "learning",  # noqa: A002 - the name on the wire
    files: Files = [],  # noqa: B006 - pydantic copies it
    is_global: Annotated[bool, Field(description="Tell it in all repositories.")] = False,
) -> KeptMemory:
    """Tell the agents at a repository something; the same again adds nothing."""
    own = person_door(context)
    kept = service.add_memory(
        own.database, repository, type, text, files=files, is_global=is_global
    )
    return KeptMemory(kept.id)


def edit_memory(
    context: CallContext,
    memory_id: MemoryId,
    text: OneThing,
    is_global: Annotated[
        bool | None, Field(description="Tell it in all repositories; null: as before.")
    ] = None,
) -> KeptMemory:
    """Replace the text of a memory; its type, tags, files and ratings stay."""
    database = person_door(context).database
    known = service.get_memory(database, memory_id)
    edited = service.edit_memory(
        database,
        memory_id,
        type=known.type,
        text=text,
        tags=known.tags,
        files=known.files,
        is_global=known.is_global if is_global is None else is_global,
    )
    return KeptMemory(edited.id)


def rate_memory(
    context: CallContext,
    memory_id: MemoryId,
    rating: Annotated[
        Literal["useful", "useless", "wrong"], Field(description="wrong: false, or outdated.")
    ],
) -> RatedMemory:
    """Rate a memory, in place of your earlier rating; what two rate wrong is forgotten."""
    own = person_door(context)
    policy = forgetting_policy(own.wiring.settings)
    rated = service.rate_memory(
        own.database, memory_id, rating, person=own.person.name, policy=policy
    )
    return RatedMemory(rated.id, rated.useful, rated.useless, rated.wrong)


def restore_memory(context: CallContext, memory_id: MemoryId) -> KeptMemory:
    """Let a forgotten memory be told again; ratings as wrong are taken back."""
    return KeptMemory(service.restore_memory(person_door(context).database, memory_id).id)


def delete_memory(context: CallContext, memory_id: MemoryId) -> KeptMemory:
    """Delete a memory with its ratings."""
    return KeptMemory(service.delete_memory(person_door(context).database, memory_id).id)
