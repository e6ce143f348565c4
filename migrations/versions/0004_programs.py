"""Programs: which a host has, and what stands in for one that fails."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_NONE = sa.text("'{}'")


def upgrade() -> None:
    op.add_column('hosts', sa.Column('programs', postgresql.ARRAY(sa.Text()), server_default=_NONE, nullable=False))
    op.add_column('tasks', sa.Column('next_programs', postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column('agents', sa.Column('programs', postgresql.ARRAY(sa.Text()), server_default=_NONE, nullable=False))
    op.add_column('agents', sa.Column('stands_in_for', sa.Text(), nullable=True))
    op.add_column('agents', sa.Column('failure_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('agents', sa.Column('program_failed', sa.Boolean(), server_default=sa.text('false'), nullable=False))


def downgrade() -> None:
    op.drop_column('agents', 'program_failed')
    op.drop_column('agents', 'failure_until')
    op.drop_column('agents', 'stands_in_for')
    op.drop_column('agents', 'programs')
    op.drop_column('tasks', 'next_programs')
    op.drop_column('hosts', 'programs')
