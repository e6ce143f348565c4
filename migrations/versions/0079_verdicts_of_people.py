"""Results that people have judged."""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"


def upgrade() -> None:
    op.add_column("results", sa.Column("judged_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("results", "judged_by")
