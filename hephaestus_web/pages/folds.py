"""What the address of a workflow's page says: which tasks are unfolded, and the filter.

``fold=ID`` unfolds a task, ``fold=ID.3`` shows the third page of its children, ``fold=-ID`` folds
it; the last one of a task counts. ``fold=top.2`` is for tasks without a parent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from werkzeug.datastructures import MultiDict

from hephaestus_core.contract.signs import Sign
from hephaestus_core.outline.rules import Folds
from hephaestus_core.outline.store import Wanted

#: Folds that an address keeps; the oldest go first.
_MOST: Final = 40
_TOP: Final = "top"
_MOST_PAGES: Final = 10_000
_MOST_PHASES: Final = 10_000
_WORDS: Final = 200


@dataclass(frozen=True)
class OutlineAddress:
    """The filter and the folds of an address."""

    wanted: Wanted
    folds: Folds
    kept: list[str]
    """The folds as an address tells them, each task once."""


def outline_address(args: MultiDict[str, str]) -> OutlineAddress:
    """Return what the address asks for; what cannot be read asks for nothing."""
    wanted = Wanted(
        words=args.get("q", "").replace("\0", "").strip()[:_WORDS],
        sign=_sign(args.get("status", "")),
        phase_id=_number(args.get("phase", ""), _MOST_PHASES),
        page=_number(args.get("page", ""), _MOST_PAGES) or 1,
    )
    folded = _folded(args.getlist("fold"))
    return OutlineAddress(
        wanted,
        Folds(
            {task: page for task, page in folded.items() if page},
            {task for task, page in folded.items() if task and not page},
        ),
        [fold(task, page) for task, page in folded.items()],
    )


def fold(task_id: UUID | None, page: int = 1) -> str:
    """Return how an address unfolds a task; page 0 folds it."""
    named = _TOP if task_id is None else str(task_id)
    if page == 1:
        return named
    return f"{named}.{page}" if page else f"-{named}"


def _folded(values: Iterable[str]) -> dict[UUID | None, int]:
    """Return by task the page of its children, 0 where it is folded."""
    folded: dict[UUID | None, int] = {}
    for value in list(values)[-_MOST:]:
        named, _, page = value.removeprefix("-").partition(".")
        number = 0 if value.startswith("-") else _number(page or "1", _MOST_PAGES)
        try:
            task = None if named == _TOP else UUID(named)
        except ValueError:
            continue
        if number is not None:
            folded.pop(task, None)
            folded[task] = number
    return folded


def _sign(value: str) -> Sign | None:
    return Sign(value) if value in set(Sign) else None


def _number(value: str, most: int) -> int | None:
    """Return a whole number from 0 to ``most``; None for anything else."""
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(most))):
        return None
    return min(int(value), most)
