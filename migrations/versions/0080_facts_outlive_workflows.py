"""Facts are of a repository, and stay when the workflow is deleted in which they were recorded."""

from alembic import op

revision = "0080"
down_revision = "0079"

_REFERRED = {"workflow_id": "workflows", "agent_id": "agents"}


def upgrade() -> None:
    for column, table in _REFERRED.items():
        op.drop_constraint(op.f(f"fk_facts_{column}_{table}"), "facts", type_="foreignkey")


def downgrade() -> None:
    op.execute(
        "DELETE FROM facts WHERE workflow_id NOT IN (SELECT id FROM workflows) "
        "OR agent_id NOT IN (SELECT id FROM agents)"
    )
    for column, table in _REFERRED.items():
        op.create_foreign_key(
            op.f(f"fk_facts_{column}_{table}"), "facts", table, [column], ["id"]
        )
