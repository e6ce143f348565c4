"""Tasks that come after others, and the rounds of joins."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column(
        "tasks",
        sa.Column("awaits_creator", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.execute("UPDATE tasks SET awaits_creator = true WHERE status = 'pending'")
    op.create_table(
        "task_dependencies",
        sa.Column("task_id", sa.Uuid, sa.ForeignKey("tasks.id"), primary_key=True),
        sa.Column("after_id", sa.Uuid, sa.ForeignKey("tasks.id"), primary_key=True),
    )
    op.create_index("ix_task_dependencies_after_id", "task_dependencies", ["after_id"])
    op.create_table(
        "join_rounds",
        sa.Column("workflow_id", sa.Uuid, primary_key=True),
        sa.Column("phase_id", sa.BigInteger, primary_key=True),
        sa.Column("round", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("task_id", sa.Uuid, sa.ForeignKey("tasks.id"), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.clock_timestamp(),
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id", "phase_id"], ["phases.workflow_id", "phases.phase_id"]
        ),
    )


def downgrade() -> None:
    op.drop_table("join_rounds")
    op.drop_table("task_dependencies")
    op.drop_column("tasks", "awaits_creator")
