"""Workflows that people delete, and indexes by which their rows go quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"

_NAMED = {
    "reviews": ("agent_id",),
    "results": ("task_id", "agent_id"),
    "questions": ("agent_id",),
    "messages": ("recipient_agent_id",),
    "memories": ("task_id", "agent_id"),
    "memory_uses": ("agent_id",),
}
_PARTIAL = {"agents": "resumes_id", "tasks": "related_to", "interventions": "message_id"}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    texts = sa.dialects.postgresql.ARRAY(sa.Text())
    op.create_table(
        "deletions",
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("title", "repository", "integration_branch")
        ),
        sa.Column("branches", texts, nullable=False),
        sa.Column("drops_unmerged", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("dollars", sa.Double(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("rows_gone_at", moment),
        sa.Column("branches_gone_at", moment),
        sa.Column("branches_kept", texts, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("branches_fault", sa.Text()),
        sa.PrimaryKeyConstraint("workflow_id", name=op.f("pk_deletions")),
    )
    for name, column in (("open", "rows_gone_at"), ("branches_open", "branches_gone_at")):
        op.create_index(
            f"ix_deletions_{name}",
            "deletions",
            ["asked_at"],
            postgresql_where=sa.text(f"{column} IS NULL"),
        )
    op.create_table(
        "deletions_on_hosts",
        sa.Column("workflow_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("agent_ids", sa.dialects.postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("files_gone_at", moment),
        sa.PrimaryKeyConstraint("workflow_id", "host", name=op.f("pk_deletions_on_hosts")),
    )
    op.create_index(
        "ix_deletions_on_hosts_open",
        "deletions_on_hosts",
        ["host"],
        postgresql_where=sa.text("files_gone_at IS NULL"),
    )
    op.add_column("workflows", sa.Column("deletion_asked_at", moment))
    op.create_index("ix_workflows_completed_at", "workflows", ["completed_at"])
    for table, columns in _NAMED.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    for table, column in _PARTIAL.items():
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=there)
    # What was used is kept longer than what used it.
    for table in ("used_turns", "used_sums"):
        op.drop_constraint(op.f(f"fk_{table}_agent_id"), table, type_="foreignkey")


def downgrade() -> None:
    for table in ("used_turns", "used_sums"):
        op.execute(
            f"DELETE FROM {table} WHERE agent_id NOT IN (SELECT id FROM agents)"  # noqa: S608 - ours
        )
        op.create_foreign_key(
            op.f(f"fk_{table}_agent_id"), table, "agents", ["agent_id"], ["id"]
        )
    for table, column in _PARTIAL.items():
        op.drop_index(f"ix_{table}_{column}", table)
    for table, columns in _NAMED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
    op.drop_index("ix_workflows_completed_at", "workflows")
    op.drop_column("workflows", "deletion_asked_at")
    op.drop_table("deletions_on_hosts")
    op.drop_table("deletions")
