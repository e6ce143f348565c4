"""Logins of repositories are kept apart from their URLs, encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "repository_logins",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("repository", name=op.f("pk_repository_logins")),
    )
    # The next launch with a login brings it back, for all workflows of that repository.
    op.execute(
        "UPDATE workflows SET repository = "
        "regexp_replace(repository, '^(https?://)[^/?#]*@', '\\1', 'i')"
    )
    op.create_check_constraint(
        op.f("ck_workflows_no_login"), "workflows", "repository !~* '^https?://[^/?#]*@'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_workflows_no_login"), "workflows")
    op.drop_table("repository_logins")
