"""When people were here, and attempts by their end."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "visits",
        sa.Column(
            "token_id",
            sa.Uuid(),
            sa.ForeignKey(
                "api_tokens.id",
                name=op.f("fk_visits_token_id_api_tokens"),
                ondelete="CASCADE",
            ),
            nullable=False,
        ),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.Column("earlier_ended_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_visits")),
    )
    op.create_index("ix_agents_ended_at", "agents", ["ended_at"])


def downgrade() -> None:
    op.drop_index("ix_agents_ended_at", "agents")
    op.drop_table("visits")
