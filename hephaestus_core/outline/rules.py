"""The order of an outline: which task stands below which, and what is folded away."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from hephaestus_core.outline.views import Line, More, OutlineTask

#: Children of one task that are shown together when it is unfolded.
PAGE: Final = 30


@dataclass(frozen=True)
class Folds:
    """What a reader has unfolded and folded by hand."""

    opened: Mapping[UUID | None, int] = field(default_factory=dict)
    """The page of children, from 1, of each unfolded task; None stands for the top."""
    shut: AbstractSet[UUID] = frozenset()


def lay_out(tasks: Iterable[OutlineTask], folds: Folds, *, roots: int | None) -> list[Line | More]:
    """Return each task once, below the task that created it, in the order of creation.

    The tree may be as deep as agents make it: this does not recurse.

    Args:
        tasks: those to show. One whose parent is not among them stands at the top.
        folds: what is folded; where children are missing, a line offers them.
        roots: how many tasks without a parent there are in all; None: no more are offered.
    """
    known = {task.id: task for task in tasks}
    below: dict[UUID | None, list[OutlineTask]] = defaultdict(list)
    for task in sorted(known.values(), key=lambda task: (task.created_at, task.id)):
        below[_parent(task, known)].append(task)
    top = below[None]
    shown = sum(task.parent_id is None for task in top)
    lines: list[Line | More] = []
    left: list[Line | More] = _more(None, 1, shown, shown if roots is None else roots, folds)
    left += [_line(task, 1, below, folds) for task in reversed(top)]
    while left:
        line = left.pop()
        lines.append(line)
        if isinstance(line, More) or not line.expanded:
            continue
        children = below[line.task.id]
        left += _more(line.task.id, line.level + 1, len(children), line.task.children, folds)
        left += [_line(task, line.level + 1, below, folds) for task in reversed(children)]
    return lines


def _parent(task: OutlineTask, known: Mapping[UUID, OutlineTask]) -> UUID | None:
    """Return the shown parent; it stands above its child, so that nothing goes round."""
    parent = known.get(task.parent_id) if task.parent_id else None
    return parent.id if parent and parent.depth < task.depth else None


def _line(
    task: OutlineTask, level: int, below: Mapping[UUID | None, list[OutlineTask]], folds: Folds
) -> Line:
    expanded = bool(below.get(task.id)) and task.id not in folds.shut
    return Line(task, level, expanded if task.children else None)


def _more(
    parent_id: UUID | None, level: int, shown: int, total: int, folds: Folds
) -> list[Line | More]:
    """Return the line that offers the children which are not shown; none if all are."""
    if shown >= total:
        return []
    page = folds.opened.get(parent_id, 0)
    return [
        More(
            parent_id=parent_id,
            level=level,
            hidden=total - shown,
            earlier=page - 1 if page > 1 else None,
            later=page + 1 if page * PAGE < total else None,
        )
    ]
