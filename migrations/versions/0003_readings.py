"""What readers ask for: prompts, diffs, output of agents on other hosts, labels set by people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('agents', sa.Column('prompt', sa.Text(), nullable=True))
    op.add_column('hosts', sa.Column('labels_set', postgresql.ARRAY(sa.Text()), nullable=True))
    op.create_index('ix_events_task_id_seq', 'events', ['task_id', 'seq'], unique=False)
    op.create_table('diffs',
    sa.Column('subject_id', sa.UUID(), nullable=False),
    sa.Column('base', sa.Text(), nullable=False),
    sa.Column('commit', sa.Text(), nullable=False),
    sa.Column('files', sa.BigInteger(), nullable=False),
    sa.Column('insertions', sa.BigInteger(), nullable=False),
    sa.Column('deletions', sa.BigInteger(), nullable=False),
    sa.Column('changes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('patch', sa.Text(), nullable=False),
    sa.Column('truncated', sa.Boolean(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('subject_id', name=op.f('pk_diffs'))
    )
    op.create_table('agent_outputs',
    sa.Column('agent_id', sa.UUID(), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('start', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('tail', sa.LargeBinary(), nullable=False),
    sa.Column('complete', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_agent_outputs_agent_id')),
    sa.PrimaryKeyConstraint('agent_id', name=op.f('pk_agent_outputs'))
    )
    op.create_index('ix_agent_outputs_host', 'agent_outputs', ['host', 'asked_at'], unique=False)


def downgrade() -> None:
    op.drop_table('agent_outputs')
    op.drop_table('diffs')
    op.drop_index('ix_events_task_id_seq', table_name='events')
    op.drop_column('hosts', 'labels_set')
    op.drop_column('agents', 'prompt')
