"""The list of what waits for a person or stands still, derived from the rows that say so."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.attention import rules, store
from hephaestus_core.attention.sources import MOST, SOURCES
from hephaestus_core.attention.views import AttentionView, Found, InboxView
from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.attention import LONGEST_SNOOZE_MINUTES, Act
from hephaestus_core.contract.errors import Conflict, InvalidInput, NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.events.log import emit


def inbox(db: Database, *, set_aside: bool = False, limit: int | None = None) -> InboxView:
    """Return what waits for a person or stands still, the oldest blocker first.

    Args:
        set_aside: return what somebody has snoozed or dismissed instead.
        limit: at most this many items; the numbers are of all. With 0 nothing is put in words.
    """
    with db.snapshot() as session:
        found, more = _found(session)
        marks = store.marks_of(session, [one.id for one in found])
        shown, aside = rules.parted(found, marks, database_now(session))
        at_work, queued = store.busy(session)
    wanted = aside if set_aside else shown
    return InboxView(
        items=rules.views(wanted[:limit], marks, aside=set_aside),
        counts=rules.counts(shown, at_work=at_work, queued=queued, set_aside=len(aside), more=more),
        kinds=rules.of_kinds(shown),
    )


def find_item(db: Database, item_id: UUID) -> AttentionView:
    """Return one item, also one that is put aside.

    Raises:
        NotFound: nothing with this id waits any more.
    """
    with db.snapshot() as session:
        return _item(session, item_id)


def snooze(db: Database, item_id: UUID, *, minutes: int, by: str) -> AttentionView:
    """Put an item aside for some minutes; it comes back by itself if it still waits then.

    Raises:
        NotFound: nothing with this id waits any more.
        InvalidInput: the minutes are not between 1 and a week's.
    """
    if not 1 <= minutes <= LONGEST_SNOOZE_MINUTES:
        raise InvalidInput(
            f"An item can be put aside for 1 to {LONGEST_SNOOZE_MINUTES} minutes.", field="minutes"
        )
    with db.transaction() as session:
        item = _item(session, item_id)
        until = database_now(session) + timedelta(minutes=minutes)
        store.mark(session, item_id, kind=item.kind, until=until, by=by)
        _tell(session, item, "snoozed", by=by, until=rfc3339(until))
        return _item(session, item_id)


def dismiss(db: Database, item_id: UUID, *, by: str) -> AttentionView:
    """Take an item off the list for good; the same thing comes up again only if it recurs.

    Raises:
        NotFound: nothing with this id waits any more.
        Conflict: it needs a decision and cannot be dismissed.
    """
    with db.transaction() as session:
        item = _item(session, item_id)
        if Act.DISMISS not in {act.name for act in item.acts}:
            raise Conflict(f"'{item.title}' needs a decision; it can only be put aside for a time.")
        store.mark(session, item_id, kind=item.kind, until=None, by=by)
        _tell(session, item, "dismissed", by=by)
        return _item(session, item_id)


def undo(db: Database, item_id: UUID, *, by: str) -> AttentionView:
    """Put a snoozed or dismissed item back on the list.

    Raises:
        NotFound: nothing with this id waits any more.
        Conflict: nobody has put it aside.
    """
    with db.transaction() as session:
        item = _item(session, item_id)
        if not store.unmark(session, item_id):
            raise Conflict(f"Nobody has put '{item.title}' aside.")
        _tell(session, item, "restored", by=by)
        return _item(session, item_id)


def _found(session: Session) -> tuple[list[Found], bool]:
    """Return what all sources find, and whether one of them has more than it returns."""
    each = [list(find(session)) for find in SOURCES]
    return [one for found in each for one in found], any(len(found) >= MOST for found in each)


def _item(session: Session, item_id: UUID) -> AttentionView:
    found = [one for one in _found(session)[0] if one.id == item_id]
    marks = store.marks_of(session, [item_id])
    shown, aside = rules.parted(found, marks, database_now(session))
    for item in rules.views(shown, marks, aside=False) + rules.views(aside, marks, aside=True):
        return item
    raise NotFound(
        f"Nothing with the id {item_id} waits any more; read the list again.", field="item_id"
    )


def _tell(
    session: Session, item: AttentionView, act: str, *, by: str, until: str | None = None
) -> None:
    emit(
        session,
        EventType.ATTENTION_MARKED,
        workflow_id=item.workflow_id,
        task_id=item.task_id,
        item_id=str(item.id),
        act=act,
        kind=str(item.kind),
        by=by,
        until=until,
    )
