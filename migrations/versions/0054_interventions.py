"""Acts of the Guardian on agents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0054"
down_revision = "0053"

_ACTIONS = (
    *("steer", "steer_otherwise", "interrupt", "restart", "renew", "next_program", "retry"),
    *("wait", "park"),
)
_EFFECTS = ("headway", "none", "ended")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "interventions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workflow_id", sa.Uuid, sa.ForeignKey("workflows.id"), nullable=False),
        sa.Column("task_id", sa.Uuid, sa.ForeignKey("tasks.id"), nullable=False),
        sa.Column("agent_id", sa.Uuid, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("evidence", ARRAY(sa.Text), nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=True),
        sa.Column("message_id", sa.Uuid, sa.ForeignKey("messages.id"), nullable=True),
        sa.Column("sent_at", moment, server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("effect", sa.Text, nullable=True),
        sa.Column("followed_up_at", moment, nullable=True),
        sa.Column("undone_by", sa.Text, nullable=True),
        sa.Column("undone_at", moment, nullable=True),
        sa.CheckConstraint(_one_of("action", _ACTIONS), name="action"),
        sa.CheckConstraint(_one_of("effect", _EFFECTS), name="effect"),
    )
    op.create_index(
        "ix_interventions_open",
        "interventions",
        ["agent_id", "cause", "key"],
        unique=True,
        postgresql_where=sa.text("effect IS NULL"),
    )
    op.create_index("ix_interventions_task_id_sent_at", "interventions", ["task_id", "sent_at"])
    for whole in ("workflow_id", "agent_id"):
        columns = [whole, "sent_at", "id"]
        op.create_index(f"ix_interventions_{whole}_sent_at_id", "interventions", columns)
    op.create_index("ix_interventions_sent_at_id", "interventions", ["sent_at", "id"])
    op.add_column("agents", sa.Column("fine_until", moment, nullable=True))
    op.add_column("agents", sa.Column("fine_by", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "fine_by")
    op.drop_column("agents", "fine_until")
    op.drop_table("interventions")
