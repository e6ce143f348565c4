"""Hosts that contain the files of agents."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _set(words: str) -> None:
    name = op.f('ck_hosts_containment')
    op.drop_constraint(name, 'hosts', type_='check')
    op.create_check_constraint(name, 'hosts', f"containment IN ({words})")


def upgrade() -> None:
    _set("'sandbox', 'namespace', 'subreaper', 'environment'")


def downgrade() -> None:
    op.execute("UPDATE hosts SET containment = NULL WHERE containment = 'sandbox'")
    _set("'namespace', 'subreaper', 'environment'")
