"""What goes on now, in a constant number of statements."""

from typing import Final

from sqlalchemy import text

from hephaestus_core.contract.conditions import Condition
from hephaestus_core.db.engine import Database
from hephaestus_core.lifecycle.reading import views
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.workflows import store as workflows

#: Those with live agents first, of these the newest.
_BUSY: Final = text("""
    SELECT w.id FROM workflows w
    LEFT JOIN (
        SELECT workflow_id, count(*) AS live FROM agents WHERE ended_at IS NULL
        GROUP BY workflow_id
    ) worked ON worked.workflow_id = w.id
    WHERE w.status = 'active' AND (worked.live IS NOT NULL OR EXISTS (
        SELECT FROM tasks t WHERE t.workflow_id = w.id
        AND t.status IN ('queued', 'assigned', 'in_progress', 'under_review', 'needs_work')))
    ORDER BY worked.live IS NULL, w.created_at DESC, w.id LIMIT :most
""")

_LAUNCHED: Final = text("SELECT EXISTS (SELECT FROM workflows)")


def at_work(db: Database, *, most: int) -> tuple[list[WorkflowView], bool]:
    """Return workflows at work, those with agents first, and whether there may be more."""
    with db.snapshot() as session:
        ids = list(session.scalars(_BUSY, {"most": most + 1}))
        rows = {row.id: row for row in workflows.of_ids(session, ids[:most])} if ids else {}
        found = views(session, [rows[id_] for id_ in ids[:most]]) if ids else []
    busy = [one for one in found if one.active_agents or one.condition.name == Condition.AT_WORK]
    return busy, len(ids) > most


def was_launched(db: Database) -> bool:
    """Say whether any workflow was ever launched."""
    with db.reading() as session:
        return bool(session.scalars(_LAUNCHED).one())
