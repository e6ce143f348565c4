"""How hosts hold the processes of agents."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('hosts', sa.Column('containment', sa.Text(), nullable=True))
    op.add_column('hosts', sa.Column('containment_obstacle', sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f('ck_hosts_containment'), 'hosts',
        "containment IN ('namespace', 'subreaper', 'environment')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f('ck_hosts_containment'), 'hosts', type_='check')
    op.drop_column('hosts', 'containment_obstacle')
    op.drop_column('hosts', 'containment')
