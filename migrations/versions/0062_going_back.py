"""Attempts whose successor begins from an earlier commit."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    op.add_column("agents", sa.Column("goes_back_to", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "goes_back_to")
