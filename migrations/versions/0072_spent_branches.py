"""When the branches that a delivered workflow needs no more are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    op.add_column("workflows", sa.Column("spent_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_workflows_spent_due",
        "workflows",
        ["spent_due_at"],
        postgresql_where=sa.text("delivery_status = 'delivered' AND spent_due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_workflows_spent_due", table_name="workflows")
    op.drop_column("workflows", "spent_due_at")
