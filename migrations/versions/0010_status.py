"""One word for where a thing stands: status."""

from alembic import op

revision = "0010"
down_revision = "0009"

_COLUMNS = (
    ("tasks", "state", "status"),
    ("agents", "state", "status"),
    ("merges", "state", "status"),
    ("workflows", "delivery_state", "delivery_status"),
)
_INDEXES = (
    ("ix_tasks_workflow_id_state", "ix_tasks_workflow_id_status"),
    ("ix_tasks_state_created_at_id", "ix_tasks_status_created_at_id"),
)


def upgrade() -> None:
    for table, old, new in _COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for old, new in _INDEXES:
        op.execute(f"ALTER INDEX {old} RENAME TO {new}")


def downgrade() -> None:
    for old, new in _INDEXES:
        op.execute(f"ALTER INDEX {new} RENAME TO {old}")
    for table, old, new in _COLUMNS:
        op.alter_column(table, new, new_column_name=old)
