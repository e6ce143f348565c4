"""Since when work waits that could not be saved, merged or delivered."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('agents', sa.Column('unsaved_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('merges', sa.Column('held_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('workflows', sa.Column('delivery_held_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('workflows', 'delivery_held_at')
    op.drop_column('merges', 'held_at')
    op.drop_column('agents', 'unsaved_since')
