"""Retries are counted by class of failure; what was counted belonged to the last one's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_NONE = sa.text("'{}'")


def upgrade() -> None:
    op.alter_column('tasks', 'retries', new_column_name='retries_in_all')
    op.add_column('tasks', sa.Column('retries', postgresql.JSONB(), server_default=_NONE, nullable=False))
    op.execute(
        "UPDATE tasks SET retries = jsonb_build_object(failure_class, retries_in_all) "
        "WHERE retries_in_all > 0 AND failure_class IS NOT NULL"
    )
    op.drop_column('tasks', 'retries_in_all')


def downgrade() -> None:
    op.alter_column('tasks', 'retries', new_column_name='retries_by_class')
    op.add_column('tasks', sa.Column('retries', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.execute(
        "UPDATE tasks SET retries = coalesce("
        "(SELECT sum(value::bigint) FROM jsonb_each_text(retries_by_class)), 0)"
    )
    op.drop_column('tasks', 'retries_by_class')
