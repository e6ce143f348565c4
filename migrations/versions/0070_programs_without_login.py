"""The agent programs of each host that its user has no login for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    none = sa.text("'{}'")
    column = sa.Column("programs_without_login", ARRAY(sa.Text), server_default=none, nullable=False)
    op.add_column("hosts", column)


def downgrade() -> None:
    op.drop_column("hosts", "programs_without_login")
