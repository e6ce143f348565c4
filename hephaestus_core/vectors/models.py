"""Texts that vectors are made of, the vectors, and the models that make them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pgvector.sqlalchemy import VECTOR
from sqlalchemy import Identity, Index, Sequence, cast, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hephaestus_core.db.base import Base

#: Dimensions that have an index. A vector of another dimension is found too, by reading its scope.
INDEXED: Final = (256, 384, 512, 768, 1024, 1536)


class VectorModel(Base):
    """An embedder with the dimension of its vectors.

    The one that was wanted last makes the vectors. The newest that has made all of them answers.
    """

    __tablename__ = "vector_models"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    choice: Mapped[dict[str, Any]]
    """What it is made by; see :class:`EmbedderChoice`."""
    dimension: Mapped[int | None]
    """None: it has made no vector yet."""
    wanted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """When a server was started with it."""
    complete_at: Mapped[datetime | None]
    """When it first had a vector of every text."""
    leased_until: Mapped[datetime | None]
    """A process makes vectors with it; after a crash another may do so from then on."""
    trouble: Mapped[str | None]
    """Why it makes no vectors; None: it does."""


class VectorItem(Base):
    """A text that is to be found by its meaning."""

    __tablename__ = "vector_items"
    __table_args__ = (Index("ix_vector_items_model_id", "model_id"),)

    collection: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str]
    """Searches name the scopes in which they look, such as a repository or a phase."""
    text: Mapped[str]
    text_hash: Mapped[str]
    model_id: Mapped[int | None]
    """The model that has read this text last; None: none has."""


class StoredVector(Base):
    """The vector of one text by one model."""

    __tablename__ = "vectors"
    __table_args__ = (
        Index("ix_vectors_scope", "collection", "scope", "model_id"),
        Index("ix_vectors_change", "model_id", "collection", "change"),
        Index("ix_vectors_gone", "changed_at", postgresql_where=text("vector IS NULL")),
    )

    collection: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(primary_key=True)
    dimension: Mapped[int]
    scope: Mapped[str]
    vector: Mapped[list[float] | None] = mapped_column(VECTOR)
    """None: the text is gone; the row tells the copy so."""
    change: Mapped[int] = mapped_column(Sequence("vector_changes", metadata=Base.metadata))
    """The number of the last change of this row; numbers appear in the order of commits."""
    changed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class VectorCopy(Base):
    """The copy in Qdrant of the vectors that one model has made of one collection."""

    __tablename__ = "vector_copies"

    collection: Mapped[str] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    """Of the collection in Qdrant."""
    cursor: Mapped[int] = mapped_column(server_default=text("0"))
    """The last change that it has followed; 0: it is made anew."""
    rebuilds: Mapped[int] = mapped_column(server_default=text("0"))
    """How often somebody had it made anew: a pass that began before changes it no more."""
    checked_at: Mapped[datetime | None]
    trouble: Mapped[str | None]
    """Why it is not asked; None: there is no reason."""


for _dimension in INDEXED:
    Index(
        f"ix_vectors_{_dimension}",
        cast(StoredVector.vector, VECTOR(_dimension)).label("of_dimension"),
        postgresql_using="hnsw",
        postgresql_ops={"of_dimension": "vector_cosine_ops"},
        postgresql_where=text(f"dimension = {_dimension}"),
    )
