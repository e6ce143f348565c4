"""The checks of results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.add_column("results", sa.Column("checks", JSONB, nullable=False, server_default="[]"))
    op.add_column("results", sa.Column("checked_commit", sa.Text, nullable=True))
    op.add_column("results", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "tasks", sa.Column("awaits_checks", sa.Boolean, nullable=False, server_default="false")
    )


def downgrade() -> None:
    op.drop_column("tasks", "awaits_checks")
    for name in ("checked_at", "checked_commit", "checks"):
        op.drop_column("results", name)
