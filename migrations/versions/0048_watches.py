"""What the Guardian sees of agents, and how its sweeps go."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.add_column("hosts", sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("hosts", sa.Column("sweep_alarm", sa.Text, nullable=True))
    op.create_table(
        "agent_watches",
        sa.Column("agent_id", UUID(as_uuid=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_output_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_tool", sa.Text, nullable=True),
        sa.Column("last_tool_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_change_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repeats", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text, nullable=True),
        sa.Column("evidence", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("looks", JSONB, nullable=False, server_default=sa.text("'[]'")),
        sa.PrimaryKeyConstraint("agent_id", name="pk_agent_watches"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_agent_watches_agent_id_agents"
        ),
    )


def downgrade() -> None:
    op.drop_table("agent_watches")
    op.drop_column("hosts", "sweep_alarm")
    op.drop_column("hosts", "swept_at")
