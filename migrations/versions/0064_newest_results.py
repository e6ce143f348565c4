"""The newest results of all workflows."""

from alembic import op

revision = "0064"
down_revision = "0063"

_INDEX = "ix_results_submitted_at_id"


def upgrade() -> None:
    op.create_index(_INDEX, "results", ["submitted_at", "id"])


def downgrade() -> None:
    op.drop_index(_INDEX, "results")
