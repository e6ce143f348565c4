"""Tasks that ask for the work of another one."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"

_BEFORE = (
    "'pending', 'queued', 'blocked', 'assigned', 'in_progress', 'under_review', 'needs_work', "
    "'done', 'failed', 'cancelled'"
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_tasks_status"), "tasks")
    op.create_check_constraint(op.f("ck_tasks_status"), "tasks", f"status IN ({_BEFORE}, 'duplicated')")
    op.add_column("tasks", sa.Column("text_key", sa.Text))
    for name in ("duplicate_of", "related_to"):
        op.add_column("tasks", sa.Column(name, sa.Uuid, sa.ForeignKey("tasks.id")))
    op.add_column("tasks", sa.Column("similarity", sa.Double))
    op.add_column("tasks", sa.Column("similarity_reason", sa.Text))
    op.create_check_constraint(
        op.f("ck_tasks_duplicate"), "tasks", "(status = 'duplicated') = (duplicate_of IS NOT NULL)"
    )
    op.create_index(
        "uq_tasks_text_key",
        "tasks",
        ["workflow_id", "phase_id", "text_key"],
        unique=True,
        postgresql_where=sa.text("text_key IS NOT NULL"),
    )
    op.create_index(
        "ix_tasks_duplicate_of",
        "tasks",
        ["duplicate_of"],
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    op.create_table(
        "task_marks",
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("task_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("mark", "number", name="pk_task_marks"),
    )


def downgrade() -> None:
    op.drop_table("task_marks")
    op.drop_index("ix_tasks_duplicate_of", "tasks")
    op.drop_index("uq_tasks_text_key", "tasks")
    op.drop_constraint(op.f("ck_tasks_duplicate"), "tasks")
    for name in ("similarity_reason", "similarity", "related_to", "duplicate_of", "text_key"):
        op.drop_column("tasks", name)
    op.execute("UPDATE tasks SET status = 'cancelled' WHERE status = 'duplicated'")
    op.drop_constraint(op.f("ck_tasks_status"), "tasks")
    op.create_check_constraint(op.f("ck_tasks_status"), "tasks", f"status IN ({_BEFORE})")
