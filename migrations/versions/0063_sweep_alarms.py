"""Since when a host's agents are not watched as they should be, and hosts short of memory."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("hosts", sa.Column("sweep_alarm_since", moment, nullable=True))
    op.execute("UPDATE hosts SET sweep_alarm_since = now() WHERE sweep_alarm IS NOT NULL")
    _allow("'disk', 'memory', 'starts', 'repository'")


def downgrade() -> None:
    op.execute("DELETE FROM host_faults WHERE cause = 'memory'")
    _allow("'disk', 'starts', 'repository'")
    op.drop_column("hosts", "sweep_alarm_since")


def _allow(causes: str) -> None:
    op.drop_constraint(op.f("ck_host_faults_cause"), "host_faults")
    op.create_check_constraint(op.f("ck_host_faults_cause"), "host_faults", f"cause IN ({causes})")
