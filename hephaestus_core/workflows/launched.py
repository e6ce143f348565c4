"""What former launches tell the next one; every function joins the open session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hephaestus_core.workflows.models import Workflow

#: Newest workflows among whose repositories people choose.
_LOOKED_AT: Final = 200
_LAST_USES: Final = text("""
    SELECT ids.id, used.at AS last_used_at
    FROM unnest(CAST(:ids AS text[])) AS ids (id), LATERAL (
        SELECT max(w.created_at) AS at FROM workflows w WHERE w.definition_id = ids.id
    ) used
""")


def repositories(session: Session, *, most: int) -> list[str]:
    """Return the repositories of the newest workflows, the last used first."""
    newest = (
        select(Workflow.repository, Workflow.created_at)
        .order_by(Workflow.created_at.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    query = select(newest.c.repository).group_by(newest.c.repository)
    return list(session.scalars(query.order_by(func.max(newest.c.created_at).desc()).limit(most)))


def last_uses(session: Session, definition_ids: Sequence[str]) -> dict[str, datetime]:
    """Return when each definition was last launched; those that never were are left out."""
    rows = session.execute(_LAST_USES, {"ids": list(definition_ids)})
    return {row.id: row.last_used_at for row in rows if row.last_used_at is not None}
