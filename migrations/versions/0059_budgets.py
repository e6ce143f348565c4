"""Budgets of tasks, workflows and the day."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    now = {"server_default": sa.func.now(), "nullable": False}
    op.create_table(
        "budgets",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("workflow_id", sa.Uuid, sa.ForeignKey("workflows.id"), nullable=True),
        sa.Column("dollars", sa.Numeric(16, 6), nullable=True),
        sa.Column("tokens", sa.BigInteger, nullable=True),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), **now),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), **now),
        *(
            sa.CheckConstraint(f"{name} IN ({words})", name=name)
            for name, words in _WORDS
        ),
    )
    op.create_index("ix_budgets_subject_id", "budgets", ["subject_id"], unique=True)
    for name, column, where in _PARTIAL:
        op.create_index(name, "budgets", [column], postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("budgets")


_WORDS = (
    ("scope", "'task', 'workflow', 'day'"),
    ("action", "'warn', 'park', 'stop'"),
    ("status", "'open', 'near', 'spent'"),
)
_PARTIAL = (
    ("ix_budgets_holding", "subject_id", "status = 'spent' AND action <> 'warn'"),
    ("ix_budgets_told", "status_since", "status <> 'open'"),
)
