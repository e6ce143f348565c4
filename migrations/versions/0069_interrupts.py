"""Messages of people that end the turn of their agent first."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("messages", sa.Column("interrupts", sa.Boolean, nullable=False, server_default=no))


def downgrade() -> None:
    op.drop_column("messages", "interrupts")
