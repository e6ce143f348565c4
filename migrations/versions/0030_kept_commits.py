"""Commits of an agent beside its branch, and work of it that is lost."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column(
        "agents", sa.Column("kept_commits", JSONB, nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("agents", sa.Column("kept_in", sa.Text, nullable=True))
    op.add_column("agents", sa.Column("lost_work", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "lost_work")
    op.drop_column("agents", "kept_in")
    op.drop_column("agents", "kept_commits")
