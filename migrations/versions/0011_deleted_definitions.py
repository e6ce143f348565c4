"""Definitions that are deleted, and those that nobody is offered for launch."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("workflow_definitions", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.add_column(
        "workflow_definitions",
        sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    # Made by the SDK of a bare list of phases.
    op.execute(
        "UPDATE workflow_definitions SET offered = false WHERE id ~ '^phases-[0-9a-f]{8}$'"
    )


def downgrade() -> None:
    op.drop_column("workflow_definitions", "offered")
    op.drop_column("workflow_definitions", "deleted_at")
