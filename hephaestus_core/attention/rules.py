"""Pure rules of the list: its order, what is put aside, and its numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from hephaestus_core.attention.views import AttentionView, CountsView, Found, view
from hephaestus_core.contract.attention import Severity
from hephaestus_core.contract.conditions import Condition

_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}

#: Who has put an item aside, and until when; None: for good.
Mark = tuple[str, datetime | None]


def in_order(found: Iterable[Found]) -> list[Found]:
    """Return what was found, blockers first, and of the same severity the oldest."""
    return sorted(found, key=lambda each: (_RANKS[each.severity], each.since, each.id))


def parted(
    found: Iterable[Found], marks: Mapping[UUID, Mark], now: datetime
) -> tuple[list[Found], list[Found]]:
    """Return what is to be shown, and what somebody has put aside; each in order."""
    shown: list[Found] = []
    aside: list[Found] = []
    for each in in_order(found):
        by, until = marks.get(each.id, (None, None))
        open_ = by is None or (until is not None and until <= now)
        (shown if open_ else aside).append(each)
    return shown, aside


def views(
    found: Iterable[Found], marks: Mapping[UUID, Mark], *, aside: bool
) -> list[AttentionView]:
    """Return as readers see it what is shown, or what was put ``aside`` and by whom."""
    if not aside:
        return [view(each) for each in found]
    return [
        view(each, set_aside_by=marks[each.id][0], set_aside_until=marks[each.id][1])
        for each in found
    ]


def counts(
    shown: Sequence[Found], *, at_work: int, queued: int, set_aside: int, more: bool
) -> CountsView:
    """Return the numbers of the strip."""
    stand = Counter(each.condition for each in shown)
    return CountsView(
        waits_for_you=stand[Condition.WAITS_FOR_YOU],
        stands_still=stand[Condition.STANDS_STILL],
        at_work=at_work,
        queued=queued,
        set_aside=set_aside,
        more=more,
    )


def of_kinds(shown: Iterable[Found]) -> dict[str, int]:
    """Return how many items there are of each kind that occurs."""
    return {str(kind): number for kind, number in Counter(each.kind for each in shown).items()}
