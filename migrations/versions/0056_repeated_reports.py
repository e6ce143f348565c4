"""The keys of the calls by which an agent last called its task done, so that repeats are known."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    op.add_column("agents", sa.Column("asked_done_key", sa.Text, nullable=True))
    op.add_column("agents", sa.Column("report_key", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "report_key")
    op.drop_column("agents", "asked_done_key")
