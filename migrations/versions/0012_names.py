"""One name each: a message has a text, a phase is known by its phase_id."""

from alembic import op

revision = "0012"
down_revision = "0011"

_COLUMNS = (("messages", "body", "text"), ("phases", "number", "phase_id"))


def upgrade() -> None:
    for table, old, new in _COLUMNS:
        op.alter_column(table, old, new_column_name=new)


def downgrade() -> None:
    for table, old, new in _COLUMNS:
        op.alter_column(table, new, new_column_name=old)
