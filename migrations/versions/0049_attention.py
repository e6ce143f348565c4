"""What people have put aside, and since when things wait for them."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.create_table(
        "attention_marks",
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("marked_by", sa.Text, nullable=False),
        sa.Column(
            "marked_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    for table, column in _SINCE:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, table, _, _ in _INDEXES:
        op.drop_index(name, table)
    for table, column in _SINCE:
        op.drop_column(table, column)
    op.drop_table("attention_marks")


_SINCE = (
    ("workflows", "delivery_since"),
    ("workflows", "base_moved_at"),
    ("host_faults", "unwell_since"),
)
_INDEXES = (
    (
        "ix_workflows_delivery_waits",
        "workflows",
        ["id"],
        "delivery_status IN ('awaiting_approval', 'conflict', 'held') "
        "OR base_moved_to IS NOT NULL",
    ),
    ("ix_agents_unsaved", "agents", ["unsaved_since"], "unsaved_since IS NOT NULL"),
    ("ix_merges_decided", "merges", ["merged_at"], "status = 'merged' AND conflicts <> '[]'"),
)
