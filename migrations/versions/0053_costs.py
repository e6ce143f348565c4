"""The ledger of what agents use."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
_DOLLARS = sa.Numeric(24, 9)


def upgrade() -> None:
    op.create_table(
        "used_turns",
        sa.Column("task_id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("agent_id", sa.Uuid, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("model", sa.Text, nullable=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _TOKENS),
        sa.Column("program_dollars", sa.Float, nullable=True),
        sa.Column("dollars", _DOLLARS, nullable=True),
        sa.Column("price_source", sa.Text, nullable=True),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    sums = ("turns", *_TOKENS, "unpriced_tokens")
    op.create_table(
        "used_sums",
        sa.Column("agent_id", sa.Uuid, sa.ForeignKey("agents.id"), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("task_id", sa.Uuid, nullable=False),
        sa.Column("workflow_id", sa.Uuid, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, server_default=sa.text("0"), nullable=False)
            for name in sums
        ),
        sa.Column("dollars", _DOLLARS, server_default=sa.text("0"), nullable=False),
    )
    for name in ("task_id", "workflow_id", "day"):
        op.create_index(f"ix_used_sums_{name}", "used_sums", [name])


def downgrade() -> None:
    op.drop_table("used_sums")
    op.drop_table("used_turns")
