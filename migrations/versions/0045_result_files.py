"""The files of results."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.create_table(
        "result_files",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("agent_id", sa.Uuid, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("result_id", sa.Uuid, sa.ForeignKey("results.id"), nullable=True),
        sa.Column("workflow_id", sa.Uuid, sa.ForeignKey("workflows.id"), nullable=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=True),
        sa.Column("sha256", sa.Text, nullable=True),
        sa.Column("refusal", sa.Text, nullable=True),
        sa.Column("content", sa.LargeBinary, nullable=True),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    for name in ("request_id", "result_id", "workflow_id"):
        op.create_index(f"ix_result_files_{name}", "result_files", [name])
    op.create_index(
        "ix_result_files_open",
        "result_files",
        ["asked_at"],
        postgresql_where=sa.text("result_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("result_files")
