"""What an idempotency key stands for: the hash of the order that came with it first."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('tasks', sa.Column('order_hash', sa.Text(), nullable=True))
    op.add_column('workflows', sa.Column('order_hash', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('workflows', 'order_hash')
    op.drop_column('tasks', 'order_hash')
