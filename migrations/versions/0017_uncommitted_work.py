"""What an agent left uncommitted, where committing is its own business."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("agents", sa.Column("uncommitted_commit", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "uncommitted_commit")
