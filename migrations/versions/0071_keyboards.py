"""Who has the keyboard of which agent."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "keyboards",
        sa.Column(
            "agent_id",
            sa.Uuid(),
            sa.ForeignKey("agents.id", name=op.f("fk_keyboards_agent_id_agents")),
            nullable=False,
        ),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("taken_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_keyboards")),
    )


def downgrade() -> None:
    op.drop_table("keyboards")
