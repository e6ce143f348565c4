"""Find memories by the parts of names too, and by the other texts that say the same."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"

_WORDS = "to_tsvector('english'::regconfig, text || ' ' || more) || array_to_tsvector(tags)"
_BEFORE = "to_tsvector('english'::regconfig, text) || array_to_tsvector(tags)"


def upgrade() -> None:
    op.add_column("memories", sa.Column("more", sa.Text, nullable=False, server_default=""))
    _replace_words(_WORDS)


def downgrade() -> None:
    _replace_words(_BEFORE)
    op.drop_column("memories", "more")


def _replace_words(words: str) -> None:
    op.execute("ALTER TABLE memories DROP COLUMN words")
    op.execute(
        f"ALTER TABLE memories ADD COLUMN words tsvector NOT NULL"
        f" GENERATED ALWAYS AS ({words}) STORED"
    )
    op.execute("CREATE INDEX ix_memories_words ON memories USING gin (words) WITH (fastupdate=off)")
