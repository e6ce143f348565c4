"""Copies of vectors in Qdrant."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.create_table(
        "vector_copies",
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("model_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("rebuilds", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.Text),
        sa.PrimaryKeyConstraint("collection", "model_id", name="pk_vector_copies"),
    )
    op.create_index(
        "ix_vectors_gone",
        "vectors",
        ["changed_at"],
        postgresql_where=sa.text("vector IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_vectors_gone", "vectors")
    op.drop_table("vector_copies")
