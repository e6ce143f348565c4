"""What agents have learned about repositories, and who has used it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Computed, ForeignKey, Index, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.contract.statuses import Forgotten, MemoryRating, MemoryType
from hephaestus_core.db.base import Base, one_of

#: Stemmed words of the text and of what says the same, and the tags as they are.
_WORDS = "to_tsvector('english'::regconfig, text || ' ' || more) || array_to_tsvector(tags)"


class Memory(Base):
    """One thing that was learned; every text that says the same is kept with it."""

    __tablename__ = "memories"
    __table_args__ = (
        one_of("type", MemoryType),
        Index("uq_memories_scope", "repository", "is_global", "key", unique=True),
        Index("ix_memories_task_id", "task_id"),
        Index("ix_memories_agent_id", "agent_id"),
        # Without pending lists, which every search would read through.
        *(
            Index(
                f"ix_memories_{name}",
                name,
                postgresql_using="gin",
                postgresql_with={"fastupdate": "off"},
            )
            for name in ("words", "names")
        ),
        one_of("forgotten_because", Forgotten),
        Index("ix_memories_known", "saved_at", postgresql_where=sql("forgotten_at IS NULL")),
        Index(
            "ix_memories_forgotten",
            "forgotten_at",
            postgresql_where=sql("forgotten_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    repository: Mapped[str]
    """Where it was learned; only workflows on it find it, unless it is global."""
    is_global: Mapped[bool] = mapped_column(server_default=sql("false"))
    type: Mapped[MemoryType]
    text: Mapped[str]
    also: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    """Other texts that say the same, oldest first."""
    tags: Mapped[list[str]]
    files: Mapped[list[str]]
    """Paths in the repository that it is about."""
    key: Mapped[str]
    """The hash of its words: texts that differ in case and signs alone have the same."""
    names: Mapped[list[str]]
    """Identifiers and paths of the text and of ``files``, kept whole, in lower case."""
    more: Mapped[str] = mapped_column(server_default="")
    """Further words to find it by: of the other texts, and the parts of names."""
    words: Mapped[str] = mapped_column(TSVECTOR, Computed(_WORDS, persisted=True))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.id"))
    """The attempt that learned it."""
    origin_task_id: Mapped[UUID | None]
    """The task that learned it, on the stack from which it was imported."""
    origin_agent_id: Mapped[UUID | None]
    commit: Mapped[str | None]
    """The commit at which it was learned."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When somebody said it last, or restored it."""
    forgotten_at: Mapped[datetime | None]
    """Since when nobody is told it any more."""
    forgotten_because: Mapped[Forgotten | None]


class MemoryUse(Base):
    """A memory that an agent was given, once per agent, and the agent's judgement of it."""

    __tablename__ = "memory_uses"
    __table_args__ = (
        one_of("rating", MemoryRating),
        Index("ix_memory_uses_wrong", "memory_id", postgresql_where=sql("rating = 'wrong'")),
        Index("ix_memory_uses_agent_id", "agent_id"),
    )

    memory_id: Mapped[UUID] = mapped_column(
        ForeignKey("memories.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    rating: Mapped[MemoryRating | None]
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MemoryOpinion(Base):
    """A person's judgement of a memory."""

    __tablename__ = "memory_opinions"
    __table_args__ = (one_of("rating", MemoryRating),)

    memory_id: Mapped[UUID] = mapped_column(
        ForeignKey("memories.id", ondelete="CASCADE"), primary_key=True
    )
    person: Mapped[str] = mapped_column(primary_key=True)
    """Name of the token."""
    rating: Mapped[MemoryRating]
    rated_at: Mapped[datetime] = mapped_column(server_default=func.now())
