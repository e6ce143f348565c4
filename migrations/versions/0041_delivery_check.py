"""The check of merged work before its delivery."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.add_column("workflows", sa.Column("delivery_check", JSONB, nullable=True))


def downgrade() -> None:
    op.drop_column("workflows", "delivery_check")
