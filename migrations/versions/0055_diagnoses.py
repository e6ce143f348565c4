"""Runs of the diagnostician on workflows that stand still."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"

_BEFORE = "'work', 'conflict', 'result_review', 'review'"


def upgrade() -> None:
    _set_kinds(f"{_BEFORE}, 'diagnosis'")
    op.create_table(
        "diagnoses",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workflow_id", sa.Uuid, sa.ForeignKey("workflows.id"), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("task_id", sa.Uuid, sa.ForeignKey("tasks.id"), nullable=False, unique=True),
        sa.Column("tasks_created", sa.BigInteger, server_default=sa.text("0"), nullable=False),
        sa.Column("report", sa.Text, nullable=True),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'completed', 'failed')", name="status"),
        sa.UniqueConstraint("workflow_id", "number"),
    )
    op.create_index(
        "uq_diagnoses_running",
        "diagnoses",
        ["workflow_id"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )


def downgrade() -> None:
    op.drop_table("diagnoses")
    op.execute("UPDATE tasks SET kind = 'work' WHERE kind = 'diagnosis'")
    _set_kinds(_BEFORE)


def _set_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_tasks_kind"), "tasks")
    op.create_check_constraint(op.f("ck_tasks_kind"), "tasks", f"kind IN ({kinds})")
