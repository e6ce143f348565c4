"""Access: scopes of tokens, the audit log, wrong tokens counted by address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_LIVE = sa.text('revoked_at IS NULL')


def upgrade() -> None:
    op.add_column('api_tokens', sa.Column('scopes', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('api_tokens', sa.Column('created_by', sa.Text(), nullable=True))
    op.add_column('api_tokens', sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint('uq_api_tokens_name', 'api_tokens')
    op.create_index('uq_api_tokens_name', 'api_tokens', ['name'], unique=True, postgresql_where=_LIVE)
    op.create_table('audit',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('target', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('status', sa.BigInteger(), nullable=False),
    sa.Column('idempotency_key', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_at_id', 'audit', ['at', 'id'], unique=False)
    op.create_table('wrong_tokens',
    sa.Column('door', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('door', 'address', name=op.f('pk_wrong_tokens'))
    )


def downgrade() -> None:
    op.drop_table('wrong_tokens')
    op.drop_index('ix_audit_at_id', table_name='audit')
    op.drop_table('audit')
    op.drop_index('uq_api_tokens_name', table_name='api_tokens', postgresql_where=_LIVE)
    op.execute('DELETE FROM api_tokens WHERE revoked_at IS NOT NULL')
    op.create_unique_constraint('uq_api_tokens_name', 'api_tokens', ['name'])
    op.drop_column('api_tokens', 'last_used_at')
    op.drop_column('api_tokens', 'created_by')
    op.drop_column('api_tokens', 'scopes')
