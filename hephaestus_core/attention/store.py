"""The marks that put things aside, and the numbers beside the list; joins the open transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.attention.models import AttentionMark
from hephaestus_core.attention.rules import Mark

_MARKS: Final = text("""
    SELECT item_id, marked_by, until FROM attention_marks WHERE item_id = ANY(CAST(:ids AS uuid[]))
""")
_BUSY: Final = text("""
    SELECT (SELECT count(*) FROM agents WHERE ended_at IS NULL),
           (SELECT count(*) FROM tasks WHERE status = 'queued')
""")


def marks_of(session: Session, item_ids: Collection[UUID]) -> dict[UUID, Mark]:
    """Return who has put which of the items aside, and until when."""
    if not item_ids:
        return {}
    rows = session.execute(_MARKS, {"ids": list(item_ids)})
    return {row.item_id: (row.marked_by, row.until) for row in rows}


def mark(session: Session, item_id: UUID, *, kind: str, until: datetime | None, by: str) -> None:
    """Put an item aside, in place of an earlier mark; forget marks that are long over."""
    values = {"kind": kind, "until": until, "marked_by": by, "marked_at": func.now()}
    new = insert(AttentionMark).values(item_id=item_id, **values)
    session.execute(new.on_conflict_do_update(index_elements=["item_id"], set_=values))
    over = AttentionMark.until < func.now() - text("interval '1 day'")
    session.execute(delete(AttentionMark).where(over))


def unmark(session: Session, item_id: UUID) -> bool:
    """Take a mark away; False if there was none."""
    gone = delete(AttentionMark).where(AttentionMark.item_id == item_id)
    return session.scalar(gone.returning(AttentionMark.item_id)) is not None


def busy(session: Session) -> tuple[int, int]:
    """Return how many agents are alive, and how many tasks are queued."""
    row = session.execute(_BUSY).one()
    return row[0], row[1]
