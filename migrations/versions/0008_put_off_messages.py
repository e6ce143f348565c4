"""Messages that a program did not take: how often they were tried, and when they may be again."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('messages', sa.Column('pastes', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('messages', sa.Column('not_before', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('messages', 'not_before')
    op.drop_column('messages', 'pastes')
