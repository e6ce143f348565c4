"""The engine: workflows, tasks, agents, hosts, merges, results, messages, events, tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('api_tokens',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('name', name=op.f('uq_api_tokens_name')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    op.create_table('events',
    sa.Column('seq', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('workflow_id', sa.UUID(), nullable=True),
    sa.Column('task_id', sa.UUID(), nullable=True),
    sa.Column('agent_id', sa.UUID(), nullable=True),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_events'))
    )
    op.create_index('ix_events_workflow_id_seq', 'events', ['workflow_id', 'seq'], unique=False)
    op.create_table('hosts',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('slots', sa.BigInteger(), nullable=False),
    sa.Column('labels', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('draining', sa.Boolean(), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('lease_expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('suspect_since', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_hosts'))
    )
    op.create_table('workflow_definitions',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('phases', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('config', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('launch_template', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workflow_definitions'))
    )
    op.create_table('workflows',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('definition_id', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('repository', sa.Text(), nullable=False),
    sa.Column('base_branch', sa.Text(), nullable=False),
    sa.Column('integration_branch', sa.Text(), nullable=False),
    sa.Column('working_directory', sa.Text(), nullable=False),
    sa.Column('auto_merge', sa.Boolean(), nullable=False),
    sa.Column('conflict_resolution', sa.Text(), nullable=False),
    sa.Column('max_agents', sa.BigInteger(), nullable=True),
    sa.Column('launch_params', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('config', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_reason', sa.Text(), nullable=True),
    sa.Column('result_id', sa.UUID(), nullable=True),
    sa.Column('initial_task_id', sa.UUID(), nullable=True),
    sa.Column('delivery_state', sa.Text(), nullable=False),
    sa.Column('delivery_reason', sa.Text(), nullable=True),
    sa.Column('delivery_commit', sa.Text(), nullable=True),
    sa.Column('idempotency_key', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['definition_id'], ['workflow_definitions.id'], name=op.f('fk_workflows_definition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workflows')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_workflows_idempotency_key'))
    )
    op.create_index('ix_workflows_active', 'workflows', ['id'], unique=False, postgresql_where=sa.text("status = 'active'"))
    op.create_index('ix_workflows_created_at_id', 'workflows', ['created_at', 'id'], unique=False)
    op.create_index('ix_workflows_delivery_open', 'workflows', ['id'], unique=False, postgresql_where=sa.text("delivery_state IN ('pending', 'held')"))
    op.create_table('phases',
    sa.Column('workflow_id', sa.UUID(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('spec', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_phases_workflow_id')),
    sa.PrimaryKeyConstraint('workflow_id', 'number', name=op.f('pk_phases'))
    )
    op.create_table('tasks',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('workflow_id', sa.UUID(), nullable=False),
    sa.Column('phase_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('done_definition', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('priority', sa.BigInteger(), nullable=False),
    sa.Column('boosted', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('bumped', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('required_labels', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('cli_tool', sa.Text(), nullable=True),
    sa.Column('cli_model', sa.Text(), nullable=True),
    sa.Column('ticket_id', sa.Text(), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('creator_agent_id', sa.UUID(), nullable=True),
    sa.Column('parent_task_id', sa.UUID(), nullable=True),
    sa.Column('result_id', sa.UUID(), nullable=True),
    sa.Column('start_commit', sa.Text(), nullable=True),
    sa.Column('attempt', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('agent_id', sa.UUID(), nullable=True),
    sa.Column('retries', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('summary', sa.Text(), nullable=True),
    sa.Column('key_learnings', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('failure_class', sa.Text(), nullable=True),
    sa.Column('failure_reason', sa.Text(), nullable=True),
    sa.Column('merge_commit', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('idempotency_key', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['parent_task_id'], ['tasks.id'], name=op.f('fk_tasks_parent_task_id')),
    sa.ForeignKeyConstraint(['workflow_id', 'phase_id'], ['phases.workflow_id', 'phases.number'], name=op.f('fk_tasks_workflow_id_phase_id')),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_tasks_workflow_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_tasks_idempotency_key'))
    )
    op.create_index('ix_tasks_bumped', 'tasks', ['id'], unique=False, postgresql_where=sa.text("state = 'queued' AND bumped"))
    op.create_index('ix_tasks_claim_order', 'tasks', [sa.literal_column('boosted DESC'), sa.literal_column('priority DESC'), 'queued_at', 'id'], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_tasks_created_at_id', 'tasks', ['created_at', 'id'], unique=False)
    op.create_index('ix_tasks_parent_task_id', 'tasks', ['parent_task_id'], unique=False)
    op.create_index('ix_tasks_pending', 'tasks', ['creator_agent_id'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index('ix_tasks_queue', 'tasks', ['workflow_id', sa.literal_column('boosted DESC'), sa.literal_column('priority DESC'), 'queued_at', 'id'], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_tasks_workflow_id_created_at_id', 'tasks', ['workflow_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_tasks_state_created_at_id', 'tasks', ['state', 'created_at', 'id'], unique=False)
    op.create_index('ix_tasks_workflow_id_state', 'tasks', ['workflow_id', 'state'], unique=False, postgresql_include=['phase_id'])
    op.create_table('agents',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('task_id', sa.UUID(), nullable=False),
    sa.Column('workflow_id', sa.UUID(), nullable=False),
    sa.Column('attempt', sa.BigInteger(), nullable=False),
    sa.Column('fence', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('program', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('lease_expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=True),
    sa.Column('branch', sa.Text(), nullable=False),
    sa.Column('base_commit', sa.Text(), nullable=True),
    sa.Column('checkpoint_commit', sa.Text(), nullable=True),
    sa.Column('stop_requested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stop_reason', sa.Text(), nullable=True),
    sa.Column('exit_code', sa.BigInteger(), nullable=True),
    sa.Column('failure_class', sa.Text(), nullable=True),
    sa.Column('failure_reason', sa.Text(), nullable=True),
    sa.Column('reminders', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('running_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_report_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['host'], ['hosts.name'], name=op.f('fk_agents_host')),
    sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_agents_task_id')),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_agents_workflow_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agents')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_agents_token_hash'))
    )
    op.create_index('ix_agents_live', 'agents', ['host'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_agents_live_workflow', 'agents', ['workflow_id'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_agents_started_at_id', 'agents', ['started_at', 'id'], unique=False)
    op.create_index('ix_agents_task_id', 'agents', ['task_id', 'attempt'], unique=True)
    op.create_index('ix_agents_unreleased', 'agents', ['host'], unique=False, postgresql_where=sa.text('released_at IS NULL'))
    op.create_index('ix_agents_workflow_id_started_at_id', 'agents', ['workflow_id', 'started_at', 'id'], unique=False)
    op.create_table('merges',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('workflow_id', sa.UUID(), nullable=False),
    sa.Column('task_id', sa.UUID(), nullable=False),
    sa.Column('agent_id', sa.UUID(), nullable=False),
    sa.Column('branch', sa.Text(), nullable=False),
    sa.Column('tip', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('commit', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('files', sa.BigInteger(), nullable=False),
    sa.Column('insertions', sa.BigInteger(), nullable=False),
    sa.Column('deletions', sa.BigInteger(), nullable=False),
    sa.Column('conflicts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_merges_agent_id')),
    sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_merges_task_id')),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_merges_workflow_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merges')),
    sa.UniqueConstraint('agent_id', name=op.f('uq_merges_agent_id'))
    )
    op.create_index('ix_merges_open', 'merges', ['created_at', 'id'], unique=False, postgresql_where=sa.text("state IN ('pending', 'conflict')"))
    op.create_index(op.f('ix_merges_task_id'), 'merges', ['task_id'], unique=False)
    op.create_index('ix_merges_workflow_id_created_at', 'merges', ['workflow_id', 'created_at'], unique=False)
    op.create_table('messages',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('workflow_id', sa.UUID(), nullable=False),
    sa.Column('recipient_agent_id', sa.UUID(), nullable=False),
    sa.Column('sender_agent_id', sa.UUID(), nullable=True),
    sa.Column('sender', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['recipient_agent_id'], ['agents.id'], name=op.f('fk_messages_recipient_agent_id')),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_messages_workflow_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    op.create_index('ix_messages_undelivered', 'messages', ['recipient_agent_id', 'created_at'], unique=False, postgresql_where=sa.text('delivered_at IS NULL'))
    op.create_table('results',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('workflow_id', sa.UUID(), nullable=False),
    sa.Column('task_id', sa.UUID(), nullable=False),
    sa.Column('agent_id', sa.UUID(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('explanation', sa.Text(), nullable=False),
    sa.Column('evidence', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=True),
    sa.Column('judged_by_agent_id', sa.UUID(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('judged_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_results_agent_id')),
    sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_results_task_id')),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_results_workflow_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_results'))
    )
    op.create_index('ix_results_workflow_id_submitted_at', 'results', ['workflow_id', 'submitted_at'], unique=False)
    op.create_index('uq_results_accepted', 'results', ['workflow_id'], unique=True, postgresql_where=sa.text("status = 'accepted'"))


def downgrade() -> None:
    op.drop_index('uq_results_accepted', table_name='results', postgresql_where=sa.text("status = 'accepted'"))
    op.drop_index('ix_results_workflow_id_submitted_at', table_name='results')
    op.drop_table('results')
    op.drop_index('ix_messages_undelivered', table_name='messages', postgresql_where=sa.text('delivered_at IS NULL'))
    op.drop_table('messages')
    op.drop_index('ix_merges_workflow_id_created_at', table_name='merges')
    op.drop_index(op.f('ix_merges_task_id'), table_name='merges')
    op.drop_index('ix_merges_open', table_name='merges', postgresql_where=sa.text("state IN ('pending', 'conflict')"))
    op.drop_table('merges')
    op.drop_index('ix_agents_workflow_id_started_at_id', table_name='agents')
    op.drop_index('ix_agents_unreleased', table_name='agents', postgresql_where=sa.text('released_at IS NULL'))
    op.drop_index('ix_agents_task_id', table_name='agents')
    op.drop_index('ix_agents_started_at_id', table_name='agents')
    op.drop_index('ix_agents_live_workflow', table_name='agents', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_agents_live', table_name='agents', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('agents')
    op.drop_index('ix_tasks_workflow_id_state', table_name='tasks', postgresql_include=['phase_id'])
    op.drop_index('ix_tasks_state_created_at_id', table_name='tasks')
    op.drop_index('ix_tasks_workflow_id_created_at_id', table_name='tasks')
    op.drop_index('ix_tasks_queue', table_name='tasks', postgresql_where=sa.text("state = 'queued'"))
    op.drop_index('ix_tasks_pending', table_name='tasks', postgresql_where=sa.text("state = 'pending'"))
    op.drop_index('ix_tasks_parent_task_id', table_name='tasks')
    op.drop_index('ix_tasks_created_at_id', table_name='tasks')
    op.drop_index('ix_tasks_claim_order', table_name='tasks', postgresql_where=sa.text("state = 'queued'"))
    op.drop_index('ix_tasks_bumped', table_name='tasks', postgresql_where=sa.text("state = 'queued' AND bumped"))
    op.drop_table('tasks')
    op.drop_table('phases')
    op.drop_index('ix_workflows_delivery_open', table_name='workflows', postgresql_where=sa.text("delivery_state IN ('pending', 'held')"))
    op.drop_index('ix_workflows_created_at_id', table_name='workflows')
    op.drop_index('ix_workflows_active', table_name='workflows', postgresql_where=sa.text("status = 'active'"))
    op.drop_table('workflows')
    op.drop_table('workflow_definitions')
    op.drop_table('hosts')
    op.drop_index('ix_events_workflow_id_seq', table_name='events')
    op.drop_table('events')
    op.drop_table('api_tokens')
