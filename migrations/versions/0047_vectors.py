"""Vectors of texts, by pgvector."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.exc import DBAPIError

from hephaestus_core.contract.errors import ConfigurationError

revision = "0047"
down_revision = "0046"

_INDEXED = (256, 384, 512, 768, 1024, 1536)
_REMEDY = (
    "The database has no extension 'vector' (pgvector), and it could not be created. Install "
    "pgvector on the PostgreSQL server, have an administrator run 'CREATE EXTENSION vector' in "
    "this database, and start again."
)


def upgrade() -> None:
    _ensure_extension()
    op.create_table(
        "vector_models",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("choice", JSONB, nullable=False),
        sa.Column("dimension", sa.BigInteger),
        _time("wanted_at"),
        sa.Column("complete_at", sa.DateTime(timezone=True)),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_vector_models"),
    )
    op.create_table(
        "vector_items",
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("item_id", UUID(as_uuid=True), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("model_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("collection", "item_id", name="pk_vector_items"),
    )
    op.create_index("ix_vector_items_model_id", "vector_items", ["model_id"])
    op.execute("CREATE SEQUENCE vector_changes")
    op.execute("""
        CREATE TABLE vectors (
            collection text NOT NULL,
            item_id uuid NOT NULL,
            model_id bigint NOT NULL,
            dimension bigint NOT NULL,
            scope text NOT NULL,
            vector vector,
            change bigint NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT pk_vectors PRIMARY KEY (collection, item_id, model_id)
        )
    """)
    op.create_index("ix_vectors_scope", "vectors", ["collection", "scope", "model_id"])
    op.create_index("ix_vectors_change", "vectors", ["model_id", "collection", "change"])
    for dimension in _INDEXED:
        op.execute(
            f"CREATE INDEX ix_vectors_{dimension} ON vectors "
            f"USING hnsw ((vector::vector({dimension})) vector_cosine_ops) "
            f"WHERE dimension = {dimension}"
        )


def downgrade() -> None:
    """Take the tables back; the extension may have others that use it."""
    for table in ("vectors", "vector_items", "vector_models"):
        op.drop_table(table)
    op.execute("DROP SEQUENCE vector_changes")


def _ensure_extension() -> None:
    try:
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DBAPIError as error:
        raise ConfigurationError(_REMEDY) from error


def _time(name: str) -> sa.Column:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=False,
        server_default=sa.text("clock_timestamp()"),
    )
