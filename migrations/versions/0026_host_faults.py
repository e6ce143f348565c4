"""Faults of hosts, by which they claim nothing for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "host_faults",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "cause IN ('disk', 'starts', 'repository')", name=op.f("ck_host_faults_cause")
        ),
        sa.CheckConstraint("status IN ('well', 'unwell')", name=op.f("ck_host_faults_status")),
        sa.ForeignKeyConstraint(["host"], ["hosts.name"], name=op.f("fk_host_faults_host")),
        sa.PrimaryKeyConstraint("host", "cause", "repository", name=op.f("pk_host_faults")),
    )


def downgrade() -> None:
    op.execute("UPDATE tasks SET failure_class = 'transient' WHERE failure_class = 'host'")
    op.execute("UPDATE agents SET failure_class = 'transient' WHERE failure_class = 'host'")
    op.drop_table("host_faults")
