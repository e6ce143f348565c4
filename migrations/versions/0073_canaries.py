"""Whether the queue of each host is consumed."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("hosts", sa.Column("canary_sent_at", moment, nullable=True))
    op.add_column("hosts", sa.Column("canary_heard_at", moment, nullable=True))
    op.add_column("hosts", sa.Column("canary_alarm", sa.Text(), nullable=True))
    op.add_column("hosts", sa.Column("canary_alarm_since", moment, nullable=True))


def downgrade() -> None:
    for column in ("canary_alarm_since", "canary_alarm", "canary_heard_at", "canary_sent_at"):
        op.drop_column("hosts", column)
