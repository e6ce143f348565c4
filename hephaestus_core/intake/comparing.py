"""The comparison of a new task with those of its phase; joins the open transaction.

A false duplicate throws work away, so a new task counts as one only if the rules are sure, or if it
has the same text; otherwise it runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.contract.titles import checked_title
from hephaestus_core.duplicates.judge import Answer, Verdict, judge
from hephaestus_core.duplicates.marks import Marks, marks
from hephaestus_core.duplicates.text import Text, read
from hephaestus_core.settings.config import Settings
from hephaestus_core.tasks import marks as store
from hephaestus_core.tasks import moves
from hephaestus_core.tasks.marks import Alike

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: The name of the tasks among the texts that are found by their meaning.
COLLECTION: Final = "tasks"
#: Most characters of a text that is compared; a longer one is a duplicate of the same text only.
_MOST_COMPARED: Final = 20_000
#: Most tasks that are judged.
_MOST_JUDGED: Final = 3
#: Most texts whose reading is kept, and most characters of each: the same few tasks are compared
#: with one new task after another.
_MOST_KEPT: Final = 256
_KEPT_LENGTH: Final = 2_000
#: How often a new task is tried whose text another one has just freed.
_TRIES: Final = 3
_SAME_TEXT: Final = "The texts are the same but for layout."


@dataclass(frozen=True)
class Thresholds:
    """From which similarity on, 0 to 1, tasks are compared and count as related."""

    similarity: float
    related: float

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Return those of the settings; None: tasks are not compared."""
        if not settings.task_deduplication_enabled:
            return None
        return cls(settings.similarity_threshold, settings.related_threshold)


@dataclass(frozen=True)
class Opinion:
    """A model's opinion that a new task asks for the work of this one; None: it did not answer."""

    task_id: UUID | None
    reason: str


@dataclass(frozen=True)
class Likeness:
    """How a new task is like another one of its phase."""

    task: Alike
    same: bool
    """Whether it asks for the same work."""
    similarity: float
    reason: str
    is_doubtful: bool = False
    """The rules do not know whether it does."""


@dataclass(frozen=True)
class Compared:
    """What is compared of a new task."""

    workflow_id: UUID
    phase_id: int
    text: Text
    place: str
    """Workflow, phase and all else in which compared tasks agree."""
    key: str
    marks: Marks


def add_compared(
    session: Session,
    thresholds: Thresholds,
    *,
    waits: bool,
    after: Sequence[UUID],
    own_definition: str | None,
    opinion: Opinion | None,
    values: Mapping[str, Any],
) -> "Task":
    """Add a task: as a duplicate if a live or done task of its phase does the same work.

    Of tasks with the same text that are added at once, the database lets one do the work.

    Args:
        thresholds: from the settings.
        waits: as for :func:`moves.added`.
        after: the tasks that it comes after. These, its program and its ticket belong to what is
            asked for, so tasks that differ in them are not compared.
        own_definition: when it counts as done, beside what its phase says.
        opinion: counts if that task is still live or done, and the rules are not sure.
        values: columns of the row.
    """
    new = compared(values, after=after, own_definition=own_definition or "")
    if new.text.length == 0:
        return moves.added(session, waits=waits, **values)
    found = most_alike(session, new, opinion)
    if found is not None and found.same:
        return _duplicate(session, found, values)
    related = found if found is not None and found.similarity >= thresholds.related else None
    for _ in range(_TRIES):
        task = moves.added_with_key(
            session,
            waits=waits,
            text_key=new.key,
            marks=[*new.marks.whole, *new.marks.parts],
            **_linked(related),
            **values,
        )
        if task is not None:
            return task
        holder = store.with_key(session, new.workflow_id, new.phase_id, new.key)
        if holder is not None:
            return _duplicate(
                session, Likeness(holder, same=True, similarity=1.0, reason=_SAME_TEXT), values
            )
    # Each time the other task was withdrawn in between: this one runs, with a text of its own.
    return moves.added(session, waits=waits, **_linked(related), **values)


def compared(
    values: Mapping[str, Any], *, after: Sequence[UUID] = (), own_definition: str = ""
) -> Compared:
    """Return what is compared of a new task; the arguments are those of :func:`add_compared`."""
    scope = _scope(values, after, own_definition)
    text = _read(whole_text(values["title"], values["description"]))
    place = f"{values['workflow_id']} {values['phase_id']} {scope}"
    is_short = len(values["description"]) <= _MOST_COMPARED
    return Compared(
        workflow_id=values["workflow_id"],
        phase_id=values["phase_id"],
        text=text,
        place=place,
        key=sha256(f"{text.exact_key} {scope}".encode()).hexdigest(),
        marks=marks(text, place) if is_short else Marks((), ()),
    )


_kept: Final = lru_cache(_MOST_KEPT)(read)


def _read(text: str) -> Text:
    return _kept(text) if len(text) <= _KEPT_LENGTH else read(text)


def whole_text(title: str, description: str) -> str:
    """Return a description below its title, if that says something of its own."""
    return description if title == checked_title(None, description) else f"{title}\n\n{description}"


def vector_scope(workflow_id: UUID, phase_id: int | None) -> str:
    """Return the scope in which a task is found by its meaning."""
    return f"{workflow_id} {phase_id}"


def _scope(values: Mapping[str, Any], after: Sequence[UUID], own_definition: str) -> str:
    chosen = [values.get(name) for name in ("cli_tool", "cli_model", "ticket_id")]
    parts = [*chosen, *sorted(map(str, after))]
    return f"{parts} {_read(own_definition).exact_key}"


def most_alike(session: Session, new: Compared, opinion: Opinion | None = None) -> Likeness | None:
    """Return the task that does the same work, else the one that is most alike; None: none is."""
    found = store.alike(
        session,
        new.workflow_id,
        new.phase_id,
        whole=new.marks.whole,
        parts=new.marks.parts,
        most=_MOST_JUDGED,
    )
    same = None if opinion is None else opinion.task_id
    if same is not None and all(other.id != same for other in found):
        found += store.with_ids(session, new.workflow_id, new.phase_id, [same])
    most: Likeness | None = None
    for other in found:
        likeness = _likeness(new.text, other, opinion)
        if likeness.same:
            return likeness
        if most is None or likeness.similarity > most.similarity:
            most = likeness
    return most


def doubtful_among(session: Session, new: Compared, ids: Sequence[UUID]) -> list[Alike]:
    """Return those of some tasks of which the rules do not know whether they do the work.

    Args:
        ids: such as those whose vectors are near; some may not be comparable.
    """
    given = store.with_ids(session, new.workflow_id, new.phase_id, ids) if ids else []
    found = {each.id: each for each in given}
    doubtful = []
    for other in (found[id_] for id_ in ids if id_ in found):
        # Its marks tell whether it was compared in the same place.
        own = marks(_read(text_of(other)), new.place).whole
        if store.has_mark(session, other.id, own) and _likeness(new.text, other, None).is_doubtful:
            doubtful.append(other)
    return doubtful


def text_of(task: Alike) -> str:
    """Return the text of a task as it is compared."""
    return whole_text(task.title, task.description)


def _likeness(text: Text, other: Alike, opinion: Opinion | None) -> Likeness:
    verdict: Verdict = judge(text, _read(text_of(other)))
    is_doubtful = verdict.answer is Answer.UNSURE
    if is_doubtful and opinion is not None and opinion.task_id == other.id:
        return Likeness(other, same=True, similarity=verdict.share, reason=opinion.reason)
    reason = verdict.reason
    if is_doubtful and opinion is not None and opinion.task_id is None:
        reason = f"{reason} {opinion.reason}"
    return Likeness(other, verdict.answer is Answer.SAME, verdict.share, reason, is_doubtful)


def _linked(likeness: Likeness | None) -> dict[str, Any]:
    if likeness is None:
        return {}
    return {
        "related_to": likeness.task.id,
        "similarity": likeness.similarity,
        "similarity_reason": likeness.reason,
    }


def _duplicate(session: Session, likeness: Likeness, values: Mapping[str, Any]) -> "Task":
    return moves.added_duplicate(
        session,
        likeness.task.id,
        similarity=likeness.similarity,
        similarity_reason=likeness.reason,
        **values,
    )
