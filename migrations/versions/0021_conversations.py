"""Attempts that go on with the conversation of an earlier one."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('agents', sa.Column('conversation', sa.Text(), nullable=True))
    op.add_column('agents', sa.Column('resumes_id', sa.Uuid(), nullable=True))
    op.add_column('agents', sa.Column('resumes_in_a_row', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('agents', sa.Column('worktree_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_agents_resumes_id'), 'agents', 'agents', ['resumes_id'], ['id'])


def downgrade() -> None:
    op.drop_constraint(op.f('fk_agents_resumes_id'), 'agents', type_='foreignkey')
    op.drop_column('agents', 'worktree_id')
    op.drop_column('agents', 'resumes_in_a_row')
    op.drop_column('agents', 'resumes_id')
    op.drop_column('agents', 'conversation')
