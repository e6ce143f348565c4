"""The difference between the clocks of hosts and of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('hosts', sa.Column('clock_ahead_seconds', sa.Float(), nullable=True))
    op.add_column('hosts', sa.Column('clock_wrong_since', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('hosts', 'clock_wrong_since')
    op.drop_column('hosts', 'clock_ahead_seconds')
