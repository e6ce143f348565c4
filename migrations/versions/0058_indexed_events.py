"""How far what is found by its meaning follows the event log."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    op.create_table(
        "indexed_events",
        sa.Column("collection", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("indexed_events")
