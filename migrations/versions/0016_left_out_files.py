"""New files that are too much to be committed unasked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column(
        "agents", sa.Column("left_out", JSONB, nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("agents", sa.Column("left_out_in", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "left_out_in")
    op.drop_column("agents", "left_out")
