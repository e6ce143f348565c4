"""Hints of a model on tasks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"

_OUTCOMES = (
    "answered",
    "not_configured",
    "key_missing",
    "package_missing",
    "over_budget",
    "resting",
    "rate_limited",
    "unavailable",
    "timed_out",
    "rejected",
    "refused",
    "truncated",
    "off_schema",
)


def upgrade() -> None:
    listed = ", ".join(f"'{word}'" for word in _OUTCOMES)
    texts = postgresql.ARRAY(sa.Text)
    op.create_table(
        "task_hints",
        sa.Column("task_id", sa.Uuid, sa.ForeignKey("tasks.id"), primary_key=True),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        *(
            sa.Column(name, texts, server_default=sa.text("'{}'"), nullable=False)
            for name in ("done_when", "checks", "files")
        ),
        sa.Column("model", sa.Text, nullable=True),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.CheckConstraint(f"outcome IN ({listed})", name="outcome"),
    )


def downgrade() -> None:
    op.drop_table("task_hints")
