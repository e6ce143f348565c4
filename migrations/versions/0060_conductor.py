"""What the Conductor knows of agents that work at the same workflow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    op.create_table(
        "touched_lines",
        sa.Column("agent_id", sa.Uuid, sa.ForeignKey("agents.id"), primary_key=True),
        sa.Column("commit", sa.Text, nullable=False),
        sa.Column("files", JSONB, nullable=False),
    )
    op.create_table(
        "coherences",
        sa.Column("workflow_id", sa.Uuid, sa.ForeignKey("workflows.id"), primary_key=True),
        sa.Column("coherence", sa.Float, nullable=False),
        sa.Column("agents", sa.BigInteger, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("compared", ARRAY(sa.Text), nullable=False),
        sa.Column("same", JSONB, nullable=False),
        sa.Column("told", ARRAY(sa.Text), nullable=False),
        sa.Column("low_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "ix_coherences_low",
        "coherences",
        ["low_since"],
        postgresql_where=sa.text("low_since IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("coherences")
    op.drop_table("touched_lines")
