"""The tasks of earlier attempts that an agent has asked for again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column(
        "agents",
        sa.Column("orders_repeated", JSONB, nullable=False, server_default=sa.text("'{}'")),
    )


def downgrade() -> None:
    op.drop_column("agents", "orders_repeated")
