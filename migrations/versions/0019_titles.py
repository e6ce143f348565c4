"""Titles of tasks and workflows; those there are get the first line of their description."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_FIRST_LINE = r"left(split_part(btrim(description, E'# \n\r\t'), E'\n', 1), 80)"


def upgrade() -> None:
    for table in ("tasks", "workflows"):
        op.add_column(table, sa.Column("title", sa.Text(), nullable=True))
        op.execute(f"UPDATE {table} SET title = {_FIRST_LINE}")
    op.execute(
        "UPDATE workflows w SET title = d.name FROM workflow_definitions d "
        "WHERE d.id = w.definition_id AND w.title = ''"
    )
    for table in ("tasks", "workflows"):
        op.alter_column(table, "title", nullable=False)


def downgrade() -> None:
    for table in ("tasks", "workflows"):
        op.drop_column(table, "title")
