"""The last launches of each definition are found by an index."""

from alembic import op

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    columns = ["definition_id", "created_at"]
    op.create_index(op.f("ix_workflows_definition_id_created_at"), "workflows", columns)


def downgrade() -> None:
    op.drop_index(op.f("ix_workflows_definition_id_created_at"), "workflows")
