"""Questions of agents to people; messages pass on to the next attempt and say who sends them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"

_STATUSES = (
    "'pending', 'queued', 'assigned', 'in_progress', 'under_review', 'needs_work', 'done', "
    "'failed', 'cancelled'"
)


def upgrade() -> None:
    _questions()
    op.drop_constraint(op.f("ck_tasks_status"), "tasks")
    statuses = _STATUSES.replace("'assigned'", "'blocked', 'assigned'")
    op.create_check_constraint(op.f("ck_tasks_status"), "tasks", f"status IN ({statuses})")
    op.add_column("agents", sa.Column("parked_for", sa.UUID(), nullable=True))
    _messages()


def _questions() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "questions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("workflow_id", sa.UUID(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("agent_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("options", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("asked_at", at, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("expires_at", at, nullable=False),
        sa.Column("ended_at", at, nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'answered', 'expired', 'cancelled')",
            name=op.f("ck_questions_status"),
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name=op.f("fk_questions_workflow_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_questions_task_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_questions_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    still_open = sa.text("status = 'open'")
    op.create_index("ix_questions_open", "questions", ["expires_at"], postgresql_where=still_open)
    op.create_index("ix_questions_task_id", "questions", ["task_id", "asked_at"])
    op.create_index(
        "ix_questions_workflow_id_asked_at_id", "questions", ["workflow_id", "asked_at", "id"]
    )
    op.create_index("ix_questions_asked_at_id", "questions", ["asked_at", "id"])


def _messages() -> None:
    op.add_column("messages", sa.Column("task_id", sa.UUID(), nullable=True))
    op.add_column("messages", sa.Column("sender_kind", sa.Text(), nullable=True))
    op.execute(
        "UPDATE messages m SET task_id = a.task_id, sender_kind = CASE "
        "WHEN m.sender_agent_id IS NOT NULL THEN 'agent' "
        "WHEN m.sender IN ('Hephaestus', 'the Guardian') THEN 'system' ELSE 'person' END "
        "FROM agents a WHERE a.id = m.recipient_agent_id"
    )
    op.alter_column("messages", "task_id", nullable=False)
    op.alter_column("messages", "sender_kind", nullable=False)
    op.create_foreign_key(op.f("fk_messages_task_id"), "messages", "tasks", ["task_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_messages_sender_kind"), "messages", "sender_kind IN ('person', 'agent', 'system')"
    )
    op.add_column(
        "messages",
        sa.Column("attempt_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    # Until now a message ended with its attempt.
    op.execute("UPDATE messages SET attempt_only = true WHERE delivered_at IS NULL")
    _index("task_id")


def _index(first: str) -> None:
    op.drop_index("ix_messages_undelivered", table_name="messages")
    op.create_index(
        "ix_messages_undelivered",
        "messages",
        [first, "created_at"],
        postgresql_where=sa.text("delivered_at IS NULL"),
    )


def downgrade() -> None:
    _index("recipient_agent_id")
    for column in ("attempt_only", "sender_kind", "task_id"):
        op.drop_column("messages", column)
    op.drop_column("agents", "parked_for")
    op.execute("UPDATE tasks SET status = 'queued' WHERE status = 'blocked'")
    op.drop_constraint(op.f("ck_tasks_status"), "tasks")
    op.create_check_constraint(op.f("ck_tasks_status"), "tasks", f"status IN ({_STATUSES})")
    op.drop_table("questions")
