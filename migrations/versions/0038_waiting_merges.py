"""Merges that wait for the work which follows theirs."""

from alembic import op

revision = "0038"
down_revision = "0037"

_NAME = "ck_merges_status"
_BEFORE = ("pending", "conflict", "merged", "nothing", "dropped")


def upgrade() -> None:
    _only("waiting", *_BEFORE)


def downgrade() -> None:
    op.execute("UPDATE merges SET status = 'dropped' WHERE status = 'waiting'")
    _only(*_BEFORE)


def _only(*words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f(_NAME), "merges", type_="check")
    op.create_check_constraint(op.f(_NAME), "merges", f"status IN ({listed})")
