"""The sums that stay of old calls to models, per day and workflow."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"


def upgrade() -> None:
    op.create_table(
        "llm_sums",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("workflow_id", sa.Uuid(), nullable=True),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("dollars", sa.Double(), nullable=False),
        sa.Column("unpriced_tokens", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_sums")),
        sa.UniqueConstraint(
            "day",
            "workflow_id",
            name=op.f("uq_llm_sums_day_workflow_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_llm_sums_workflow_id", "llm_sums", ["workflow_id"])


def downgrade() -> None:
    op.drop_table("llm_sums")
