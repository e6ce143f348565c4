"""What agents have learned about repositories, and who has used it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, UUID

revision = "0044"
down_revision = "0043"

_WORDS = "to_tsvector('english'::regconfig, text) || array_to_tsvector(tags)"
_TYPES = "'error_fix', 'discovery', 'decision', 'learning', 'warning', 'codebase_knowledge'"


def _at(name: str) -> sa.Column:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
    )


def upgrade() -> None:
    op.create_table(
        "memories",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("is_global", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("also", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("tags", ARRAY(sa.Text), nullable=False),
        sa.Column("files", ARRAY(sa.Text), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("names", ARRAY(sa.Text), nullable=False),
        sa.Column("words", TSVECTOR, sa.Computed(_WORDS, persisted=True), nullable=False),
        sa.Column("task_id", UUID(as_uuid=True), nullable=True),
        sa.Column("agent_id", UUID(as_uuid=True), nullable=True),
        sa.Column("commit", sa.Text, nullable=True),
        _at("created_at"),
        _at("saved_at"),
        sa.PrimaryKeyConstraint("id", name="pk_memories"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_memories_task_id_tasks"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_memories_agent_id_agents"),
        sa.CheckConstraint(f"type IN ({_TYPES})", name="type"),
    )
    op.create_index(
        "uq_memories_scope", "memories", ["repository", "is_global", "key"], unique=True
    )
    for name in ("words", "names"):
        op.create_index(
            f"ix_memories_{name}",
            "memories",
            [name],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )
    op.create_table(
        "memory_uses",
        sa.Column("memory_id", UUID(as_uuid=True), nullable=False),
        sa.Column("agent_id", UUID(as_uuid=True), nullable=False),
        sa.Column("rating", sa.Text, nullable=True),
        _at("used_at"),
        sa.PrimaryKeyConstraint("memory_id", "agent_id", name="pk_memory_uses"),
        sa.ForeignKeyConstraint(
            ["memory_id"],
            ["memories.id"],
            name="fk_memory_uses_memory_id_memories",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_memory_uses_agent_id_agents"
        ),
        sa.CheckConstraint("rating IN ('useful', 'useless', 'wrong')", name="rating"),
    )


def downgrade() -> None:
    op.drop_table("memory_uses")
    op.drop_table("memories")
