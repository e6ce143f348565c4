"""The task and attempt that learned a memory on the stack from which it was imported."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"

_COLUMNS = ("origin_task_id", "origin_agent_id")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("memories", sa.Column(name, sa.Uuid(), nullable=True))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("memories", name)
