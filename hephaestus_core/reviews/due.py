"""The checks that a host is to run: a crossing into the tables that say where and how."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.db.engine import Database
from hephaestus_core.facts.store import facts_for
from hephaestus_core.reviews.rules import criteria_of
from hephaestus_core.reviews.views import DueChecks
from hephaestus_core.workflows import store as workflows

#: The author's host runs the checks; any other one if that is away and the attempt has ended.
_DUE: Final = text("""
    SELECT r.id, r.workflow_id, w.repository, w.integration_branch, w.base_branch,
           r.commit, coalesce(a.base_commit, r.commit) AS base_commit, r.proof, p.spec,
           (SELECT f.base_commit FROM agents f WHERE f.task_id = r.task_id
            AND f.base_commit IS NOT NULL ORDER BY f.attempt LIMIT 1) AS begun_at
    FROM reviews r JOIN agents a ON a.id = r.agent_id JOIN workflows w ON w.id = r.workflow_id
         JOIN tasks t ON t.id = r.task_id
         JOIN phases p ON p.workflow_id = t.workflow_id AND p.phase_id = t.phase_id
    WHERE r.status = 'checking' AND (a.host = :host OR (a.ended_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM hosts h WHERE h.name = a.host AND h.status = 'active'
        AND h.lease_expires_at > now()
    )))
    ORDER BY r.created_at, r.id
""")


def due_checks(db: Database, host: str) -> list[DueChecks]:
    """Return the checks of reviews that this host is to run, oldest first."""
    with db.reading() as session:
        found = list(session.execute(_DUE, {"host": host}).mappings())
        return [_due(session, **row) for row in found]


def surroundings(
    session: Session, workflow_id: UUID, phase: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the commands that checks need, as launch or facts say, and where they run."""
    workflow = workflows.get(session, workflow_id)
    facts = facts_for(session, workflow)
    return {
        "setup_command": facts.get("setup_command", ""),
        "test_command": facts.get("test_command", ""),
        "base_branch": workflow.base_branch,
        "working_directory": workflows.folder_of(workflow, phase),
    }


def _due(
    session: Session,
    *,
    workflow_id: UUID,
    spec: dict[str, Any],
    integration_branch: str,
    base_branch: str,
    **row: Any,
) -> DueChecks:
    criteria = criteria_of(spec)
    return DueChecks(
        checks=criteria.checks if criteria else [],
        # The work of others that was merged into it does not count as its own.
        compared_with=(integration_branch, base_branch),
        **surroundings(session, workflow_id, spec),
        **row,
    )
