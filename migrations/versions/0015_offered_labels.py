"""Hosts keep the labels that their worker offers beside those that a person set."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE hosts ADD COLUMN labels_offered text[] NOT NULL DEFAULT '{}'")
    # Where a person had set some, those of the worker come with its next start.
    op.execute("UPDATE hosts SET labels_offered = labels")
    op.execute("ALTER TABLE hosts DROP COLUMN labels")
    op.execute(
        "ALTER TABLE hosts ADD COLUMN labels text[] NOT NULL "
        "GENERATED ALWAYS AS (coalesce(labels_set, labels_offered)) STORED"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE hosts DROP COLUMN labels")
    op.execute("ALTER TABLE hosts ADD COLUMN labels text[] NOT NULL DEFAULT '{}'")
    op.execute("UPDATE hosts SET labels = coalesce(labels_set, labels_offered)")
    op.execute("ALTER TABLE hosts ALTER COLUMN labels DROP DEFAULT")
    op.execute("ALTER TABLE hosts DROP COLUMN labels_offered")
