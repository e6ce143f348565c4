"""How the set-up of an attempt's worktree went."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("agents", sa.Column("setup", JSONB, nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "setup")
