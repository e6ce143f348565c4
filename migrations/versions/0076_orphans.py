"""Things on hosts that no live row claims."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "orphans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "host",
            sa.Text(),
            sa.ForeignKey("hosts.name", name=op.f("fk_orphans_host_hosts")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("found_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("waited", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("obstacle", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orphans")),
        sa.UniqueConstraint("host", "kind", "name", name=op.f("uq_orphans_host_kind_name")),
        sa.CheckConstraint(
            "kind IN ('session', 'process', 'worktree', 'branch', 'mirror')",
            name=op.f("ck_orphans_kind"),
        ),
        sa.CheckConstraint("status IN ('found', 'quarantined')", name=op.f("ck_orphans_status")),
    )


def downgrade() -> None:
    op.drop_table("orphans")
