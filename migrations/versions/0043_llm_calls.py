"""The calls of the system to language models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.create_table(
        "llm_calls",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("workflow_id", UUID(as_uuid=True), nullable=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("counted_tokens", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=True),
        sa.Column("tries", sa.BigInteger, nullable=True),
        sa.Column("input_tokens", sa.BigInteger, nullable=True),
        sa.Column("output_tokens", sa.BigInteger, nullable=True),
        sa.Column("cache_read_tokens", sa.BigInteger, nullable=True),
        sa.Column("cache_write_tokens", sa.BigInteger, nullable=True),
        sa.Column("cost", sa.Float, nullable=True),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_llm_calls"),
        sa.CheckConstraint(
            "outcome IN ('answered', 'not_configured', 'key_missing', 'package_missing', "
            "'over_budget', 'resting', 'rate_limited', 'unavailable', 'timed_out', 'rejected', "
            "'refused', 'truncated', 'off_schema')",
            name=op.f("ck_llm_calls_outcome"),
        ),
    )
    op.create_index(
        "ix_llm_calls_started_at",
        "llm_calls",
        ["started_at"],
        postgresql_include=["counted_tokens"],
    )
    op.create_index(
        "ix_llm_calls_workflow_id",
        "llm_calls",
        ["workflow_id"],
        postgresql_include=["counted_tokens"],
    )


def downgrade() -> None:
    op.drop_table("llm_calls")
