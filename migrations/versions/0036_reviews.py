"""Reviews of reported work; what an agent hands in with its report."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0035"

_STATUSES = "'checking', 'agent_review', 'person_review', 'passed', 'failed', 'dropped'"
_OPEN = sa.text("status IN ('checking', 'agent_review', 'person_review')")


def upgrade() -> None:
    op.drop_constraint("ck_tasks_kind", "tasks")
    op.create_check_constraint(
        op.f("ck_tasks_kind"), "tasks", "kind IN ('work', 'conflict', 'result_review', 'review')"
    )
    op.add_column("agents", sa.Column("asked_done_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "agents", sa.Column("proof", JSONB, nullable=False, server_default=sa.text("'{}'"))
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("unreported", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("checks", JSONB, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("proof", JSONB, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("reviewer_task_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name=op.f("ck_reviews_status")),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name=op.f("fk_reviews_workflow_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_reviews_task_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_reviews_agent_id")),
        sa.ForeignKeyConstraint(
            ["reviewer_task_id"], ["tasks.id"], name=op.f("fk_reviews_reviewer_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index("uq_reviews_open", "reviews", ["task_id"], unique=True, postgresql_where=_OPEN)
    op.create_index("ix_reviews_open", "reviews", ["status"], postgresql_where=_OPEN)
    op.create_index("ix_reviews_task_id", "reviews", ["task_id", "created_at", "id"])
    op.create_index(
        "ix_reviews_workflow_id_created_at_id", "reviews", ["workflow_id", "created_at", "id"]
    )
    op.create_index("ix_reviews_created_at_id", "reviews", ["created_at", "id"])
    op.create_index("ix_reviews_reviewer_task_id", "reviews", ["reviewer_task_id"])


def downgrade() -> None:
    op.drop_table("reviews")
    op.drop_column("agents", "proof")
    op.drop_column("agents", "asked_done_at")
    op.execute("UPDATE tasks SET kind = 'result_review' WHERE kind = 'review'")
    op.drop_constraint("ck_tasks_kind", "tasks")
    op.create_check_constraint(
        op.f("ck_tasks_kind"), "tasks", "kind IN ('work', 'conflict', 'result_review')"
    )
