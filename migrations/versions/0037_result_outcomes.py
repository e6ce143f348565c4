"""What a workflow has come to, by its result."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

_OUTCOMES = "'done', 'not_reproduced', 'needs_decision', 'wont_fix', 'not_possible'"


def upgrade() -> None:
    op.add_column(
        "results", sa.Column("outcome", sa.Text, nullable=False, server_default=sa.text("'done'"))
    )
    op.add_column("workflows", sa.Column("outcome", sa.Text, nullable=True))
    op.execute("UPDATE workflows SET outcome = 'done' WHERE result_id IS NOT NULL")
    for table in ("results", "workflows"):
        op.create_check_constraint(op.f(f"ck_{table}_outcome"), table, f"outcome IN ({_OUTCOMES})")


def downgrade() -> None:
    for table in ("results", "workflows"):
        op.drop_column(table, "outcome")
