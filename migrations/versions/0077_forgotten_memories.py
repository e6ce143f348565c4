"""Memories that are forgotten, and what people say of them."""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("memories", sa.Column("forgotten_at", moment, nullable=True))
    op.add_column("memories", sa.Column("forgotten_because", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_memories_forgotten_because"),
        "memories",
        "forgotten_because IN ('unused', 'wrong')",
    )
    op.create_index(
        "ix_memories_known",
        "memories",
        ["saved_at"],
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )
    op.create_index(
        "ix_memories_forgotten",
        "memories",
        ["forgotten_at"],
        postgresql_where=sa.text("forgotten_at IS NOT NULL"),
    )
    op.create_index(
        "ix_memory_uses_wrong",
        "memory_uses",
        ["memory_id"],
        postgresql_where=sa.text("rating = 'wrong'"),
    )
    op.create_table(
        "memory_opinions",
        sa.Column("memory_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("rated_at", moment, nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("memory_id", "person", name=op.f("pk_memory_opinions")),
        sa.ForeignKeyConstraint(
            ["memory_id"],
            ["memories.id"],
            name=op.f("fk_memory_opinions_memory_id_memories"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "rating IN ('useful', 'useless', 'wrong')", name=op.f("ck_memory_opinions_rating")
        ),
    )


def downgrade() -> None:
    op.drop_table("memory_opinions")
    op.drop_index("ix_memory_uses_wrong", "memory_uses")
    op.drop_index("ix_memories_forgotten", "memories")
    op.drop_index("ix_memories_known", "memories")
    op.drop_column("memories", "forgotten_because")
    op.drop_column("memories", "forgotten_at")
