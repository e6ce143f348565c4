"""The last line and the screen of an agent, as the Guardian last saw them."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    op.add_column("agent_watches", sa.Column("last_line", sa.Text, nullable=True))
    op.add_column("agent_watches", sa.Column("screen", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("agent_watches", "screen")
    op.drop_column("agent_watches", "last_line")
