"""The reason of an agent for which nothing has to follow its task."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("nothing_follows", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "nothing_follows")
