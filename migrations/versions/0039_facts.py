"""What agents and people have found out about repositories."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("workflow_id", UUID(as_uuid=True), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("of_person", sa.Boolean, nullable=False),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("agent_id", UUID(as_uuid=True), nullable=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
        sa.PrimaryKeyConstraint("workflow_id", "name", "of_person", name="pk_facts"),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name="fk_facts_workflow_id_workflows"
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_facts_agent_id_agents"),
    )
    op.create_index("ix_facts_repository_name", "facts", ["repository", "name"])


def downgrade() -> None:
    op.drop_table("facts")
