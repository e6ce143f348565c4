"""Judgements of models on agents, and how the calls for them go."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0061"
down_revision = "0060"

_OUTCOMES = (
    "answered",
    "not_configured",
    "key_missing",
    "package_missing",
    "over_budget",
    "resting",
    "rate_limited",
    "unavailable",
    "timed_out",
    "rejected",
    "refused",
    "truncated",
    "off_schema",
)
_STAGES = (
    "exploration",
    "information_gathering",
    "planning",
    "implementation",
    "verification",
    "completed",
    "unknown",
)
_STEERING = (
    "stuck",
    "drifting",
    "violating_constraints",
    "over_engineering",
    "confused",
    "idle",
)


def upgrade() -> None:
    op.add_column("hosts", sa.Column("judge_outcome", sa.Text, nullable=True))
    op.add_column("hosts", sa.Column("judge_detail", sa.Text, nullable=True))
    op.create_check_constraint(
        op.f("ck_hosts_judge_outcome"), "hosts", _one_of("judge_outcome", _OUTCOMES)
    )
    texts = postgresql.ARRAY(sa.Text)
    op.create_table(
        "trajectory_summaries",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("agent_id", sa.Uuid, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=True),
        sa.Column("seen", postgresql.JSONB, nullable=False),
        sa.Column("alignment", sa.Float, nullable=True),
        sa.Column("stage", sa.Text, nullable=True),
        *(_text(name) for name in ("focus", "progress")),
        *(
            sa.Column(name, texts, server_default=sa.text("'{}'"), nullable=False)
            for name in ("issues", "constraints", "lifted")
        ),
        _flag("needs_steering"),
        sa.Column("steering_type", sa.Text, nullable=True),
        *(_text(name) for name in ("steering_text", "evidence")),
        sa.Column("steered_at", sa.DateTime(timezone=True), nullable=True),
        _flag("sampled"),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("headway", sa.Boolean, nullable=True),
        _text("afterwards"),
        sa.CheckConstraint(_one_of("outcome", _OUTCOMES), name="outcome"),
        sa.CheckConstraint(_one_of("stage", _STAGES), name="stage"),
        sa.CheckConstraint(_one_of("steering_type", _STEERING), name="steering_type"),
    )
    op.create_index(
        "ix_trajectory_summaries_agent_id", "trajectory_summaries", ["agent_id", "id"]
    )
    op.create_index("ix_trajectory_summaries_asked_at", "trajectory_summaries", ["asked_at"])
    op.create_index(
        "ix_trajectory_summaries_unfollowed",
        "trajectory_summaries",
        ["agent_id"],
        postgresql_where=sa.text("sampled AND followed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("trajectory_summaries")
    op.drop_constraint(op.f("ck_hosts_judge_outcome"), "hosts")
    op.drop_column("hosts", "judge_detail")
    op.drop_column("hosts", "judge_outcome")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, server_default=sa.text("''"), nullable=False)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, server_default=sa.text("false"), nullable=False)
