"""Where hosts saw the base branch of a workflow, and where it was moved to otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("workflows", sa.Column("base_commit", sa.Text(), nullable=True))
    op.add_column("workflows", sa.Column("base_moved_to", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("workflows", "base_moved_to")
    op.drop_column("workflows", "base_commit")
