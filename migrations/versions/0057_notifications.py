"""Notifications: channels, messages to them, and what they have been told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0057"
down_revision = "0056"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notification_channels",
        sa.Column("name", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("type", "target", "severity")),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("gathered_at", _MOMENT, nullable=True),
        sa.Column("busy_until", _MOMENT, nullable=True),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("trouble", sa.Text, nullable=True),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("items", sa.BigInteger, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("tries", sa.BigInteger, server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("trouble", sa.Text, nullable=True),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("status IN ('pending', 'sent', 'failed')", name="status"),
    )
    op.create_index(
        "ix_notifications_pending",
        "notifications",
        ["channel", "next_try_at"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_notifications_created_at", "notifications", ["created_at"])
    op.create_table(
        "notified_items",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("noted_at", _MOMENT, server_default=sa.func.now(), nullable=False),
    )


def downgrade() -> None:
    for name in ("notified_items", "notifications", "notification_channels"):
        op.drop_table(name)
