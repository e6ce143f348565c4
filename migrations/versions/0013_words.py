"""The database holds statuses and kinds to the words that there are."""

from alembic import op

revision = "0013"
down_revision = "0012"

_WORDS = (
    ("tasks", "kind", ("work", "conflict", "result_review")),
    (
        "tasks",
        "status",
        (
            "pending",
            "queued",
            "assigned",
            "in_progress",
            "under_review",
            "needs_work",
            "done",
            "failed",
            "cancelled",
        ),
    ),
    ("agents", "status", ("starting", "working", "idle", "stopping", "finished", "lost")),
    ("workflows", "status", ("active", "completed", "stopped")),
    (
        "workflows",
        "delivery_status",
        ("none", "awaiting_approval", "pending", "held", "conflict", "delivered"),
    ),
    ("merges", "status", ("pending", "conflict", "merged", "nothing", "dropped")),
    ("results", "status", ("submitted", "accepted", "rejected")),
    ("hosts", "status", ("active", "lost")),
)


def upgrade() -> None:
    for table, column, words in _WORDS:
        listed = ", ".join(f"'{word}'" for word in words)
        name = op.f(f"ck_{table}_{column}")
        op.create_check_constraint(name, table, f"{column} IN ({listed})")


def downgrade() -> None:
    for table, column, _ in _WORDS:
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table, type_="check")
