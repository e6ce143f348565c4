"""Limits of workflows, and what is counted for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('workflows', sa.Column('limits', postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('workflows', sa.Column('limits_reached', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('tasks', sa.Column('depth', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('agents', sa.Column('tasks_created', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('agents', sa.Column('messages_sent', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('agents', sa.Column('messages_since', sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        'task_tallies',
        sa.Column('workflow_id', sa.Uuid(), nullable=False),
        sa.Column('created', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_task_tallies_workflow_id')),
        sa.PrimaryKeyConstraint('workflow_id', name=op.f('pk_task_tallies')),
    )
    op.execute("""
        INSERT INTO task_tallies (workflow_id, created)
        SELECT workflow_id, count(*) FROM tasks WHERE kind = 'work' GROUP BY workflow_id
    """)
    op.execute("""
        WITH RECURSIVE deep AS (
            SELECT id, 0 AS depth FROM tasks WHERE parent_task_id IS NULL
            UNION ALL
            SELECT t.id, d.depth + 1 FROM tasks t JOIN deep d ON t.parent_task_id = d.id
        )
        UPDATE tasks SET depth = deep.depth FROM deep WHERE tasks.id = deep.id AND deep.depth > 0
    """)
    op.execute("""
        UPDATE agents SET tasks_created = c.created
        FROM (SELECT creator_agent_id, count(*) AS created FROM tasks
              WHERE kind = 'work' AND creator_agent_id IS NOT NULL GROUP BY creator_agent_id) c
        WHERE agents.id = c.creator_agent_id
    """)


def downgrade() -> None:
    op.drop_table('task_tallies')
    op.drop_column('agents', 'messages_since')
    op.drop_column('agents', 'messages_sent')
    op.drop_column('agents', 'tasks_created')
    op.drop_column('tasks', 'depth')
    op.drop_column('workflows', 'limits_reached')
    op.drop_column('workflows', 'limits')
