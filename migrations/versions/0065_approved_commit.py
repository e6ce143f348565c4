"""The commit of a workflow's work that a person has looked at and approved."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    op.add_column("workflows", sa.Column("approved_commit", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("workflows", "approved_commit")
