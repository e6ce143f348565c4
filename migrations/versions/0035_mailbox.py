"""Messages that wait in the mailbox only, and indexes for reading earlier ones."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.add_column(
        "messages",
        sa.Column("mailbox_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index("ix_messages_created_at_id", "messages", ["created_at", "id"])
    op.create_index(
        "ix_messages_workflow_id_created_at_id", "messages", ["workflow_id", "created_at", "id"]
    )
    op.create_index("ix_messages_task_id_created_at", "messages", ["task_id", "created_at"])
    op.create_index(
        "ix_messages_sender_agent_id_created_at",
        "messages",
        ["sender_agent_id", "created_at"],
        postgresql_where=sa.text("sender_agent_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_sender_agent_id_created_at", table_name="messages")
    op.drop_index("ix_messages_task_id_created_at", table_name="messages")
    op.drop_index("ix_messages_workflow_id_created_at_id", table_name="messages")
    op.drop_index("ix_messages_created_at_id", table_name="messages")
    op.drop_column("messages", "mailbox_only")
