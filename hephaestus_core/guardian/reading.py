"""Reads of interventions, for people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from hephaestus_core.db.engine import Database
from hephaestus_core.guardian.models import Intervention
from hephaestus_core.guardian.views import InterventionView, view
from hephaestus_core.messages.mailbox import delivery_times
from hephaestus_core.workflows.store import is_there

Cursor = tuple[datetime, UUID]


def page_of_interventions(
    db: Database,
    *,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
    agent_id: UUID | None = None,
    limit: int = 50,
    cursor: Cursor | None = None,
) -> tuple[list[InterventionView], Cursor | None]:
    """Return a page of interventions, newest first, and the cursor of the next page."""
    wanted = {
        Intervention.workflow_id: workflow_id,
        Intervention.task_id: task_id,
        Intervention.agent_id: agent_id,
    }
    query = select(Intervention).where(is_there(Intervention.workflow_id))
    query = query.order_by(Intervention.sent_at.desc(), Intervention.id.desc())
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if cursor is not None:
        query = query.where(tuple_(Intervention.sent_at, Intervention.id) < cursor)
    with db.reading() as session:
        rows = list(session.scalars(query.limit(limit + 1)))
        delivered = delivery_times(session, [row.message_id for row in rows if row.message_id])
        found = [
            view(row, delivered.get(row.message_id) if row.message_id else None) for row in rows
        ]
    shown = found[:limit]
    return shown, (shown[-1].sent_at, shown[-1].id) if len(found) > limit else None
