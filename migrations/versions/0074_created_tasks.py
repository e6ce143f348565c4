"""How many tasks an agent has created is counted by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    op.create_index(
        "ix_tasks_creator_agent_id",
        "tasks",
        ["creator_agent_id"],
        postgresql_where=sa.text("creator_agent_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tasks_creator_agent_id", table_name="tasks")
