"""What conditions are told by: when the last task ended, and how many agents a host lets live."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_INDEX = "ix_tasks_workflow_id_status"


def upgrade() -> None:
    op.add_column("hosts", sa.Column("most_in_system", sa.BigInteger(), nullable=True))
    _index(["phase_id", "completed_at"])


def downgrade() -> None:
    _index(["phase_id"])
    op.drop_column("hosts", "most_in_system")


def _index(include: list[str]) -> None:
    op.drop_index(_INDEX, "tasks")
    op.create_index(_INDEX, "tasks", ["workflow_id", "status"], postgresql_include=include)
