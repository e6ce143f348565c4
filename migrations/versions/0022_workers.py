"""The worker process that bears a host's name."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('hosts', sa.Column('worker_id', sa.Uuid(), nullable=True))
    op.add_column('hosts', sa.Column('worker_place', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('hosts', 'worker_place')
    op.drop_column('hosts', 'worker_id')
