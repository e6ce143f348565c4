"""Which memories answer a question, best first: functions of values.

Each way of searching makes a ranking of its own; only their orders are fused, so another way (such
as vectors) is one ranking more.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hephaestus_core.contract.statuses import MemoryType
from hephaestus_core.memory.rules import MemoryView, is_forgotten

#: Terms of a question that count at all, the rarest ones.
_MOST_TERMS: Final = 24
#: A longer question counts as if it had this many terms: no memory says all that a task says.
_COUNTED: Final = 8
#: Least share of the question's weight that a memory has to have, and least words.
_LEAST_SHARE: Final = 0.35
_LEAST_WORDS: Final = 2
#: The usual constant of reciprocal rank fusion: the first places count nearly the same.
_FUSION: Final = 60
#: Days after which a memory has lost half of what age takes from it, which is half of its score.
_HALF_LIFE: Final = 45

_TYPES: Final[Mapping[MemoryType, float]] = {MemoryType.ERROR_FIX: 1.1, MemoryType.WARNING: 1.1}


@dataclass(frozen=True)
class Hit:
    """A memory that has some of the terms of a question."""

    id: UUID
    terms: Sequence[str]


def telling(shares: Mapping[str, float]) -> dict[str, float]:
    """Return the terms of a question that tell most, rarest first; the others are not looked at.

    Args:
        shares: by term, the share of all memories that have it, as far as the database knows.
    """
    ordered = sorted(shares, key=lambda term: (shares[term], -len(term), term))
    return {term: shares[term] for term in ordered[:_MOST_TERMS]}


def looked_up(shares: Mapping[str, float], rows: int, *, most_rows: int) -> list[str]:
    """Return the terms to find rows by: the first ones, which lead to few enough rows.

    Args:
        shares: of the terms that tell most, rarest first.
        rows: all memories, about.
        most_rows: that may be looked at.
    """
    chosen: list[str] = []
    expected = 0.0
    for term, share in shares.items():
        expected += share * rows
        if expected > most_rows and chosen:
            break
        chosen.append(term)
    return chosen


def ranked(
    hits: Sequence[Hit], shares: Mapping[str, float], rows: int, *, least: int = _LEAST_WORDS
) -> list[UUID]:
    """Return the memories above the floor, best first.

    Args:
        hits: found by any of the terms.
        shares: by each term of the question, the share of memories that have it.
        rows: all memories, about.
        least: terms that a memory needs; all of them if the question has fewer.
    """
    counted = Counter(term for hit in hits for term in hit.terms)
    whole = max(rows, len(hits), 1)
    weights = {
        term: math.log1p(whole / max(counted[term], share * whole, 1))
        for term, share in shares.items()
    }
    full = sum(sorted(weights.values(), reverse=True)[:_COUNTED])
    scores = {hit.id: sum(weights[term] for term in hit.terms) for hit in hits}
    needed = min(least, len(shares))
    above = [
        hit.id for hit in hits if len(hit.terms) >= needed and scores[hit.id] >= _LEAST_SHARE * full
    ]
    return sorted(above, key=lambda id_: -scores[id_])


def fused(rankings: Iterable[Sequence[UUID]]) -> dict[UUID, float]:
    """Return the score of each memory by its places in the rankings: reciprocal rank fusion."""
    scores: dict[UUID, float] = {}
    for ranking in rankings:
        for place, id_ in enumerate(ranking, start=1):
            scores[id_] = scores.get(id_, 0.0) + 1 / (_FUSION + place)
    return scores


def best(
    memories: Sequence[MemoryView], scores: Mapping[UUID, float], now: datetime
) -> list[MemoryView]:
    """Return what is not forgotten, best first, by relevance, age, type and ratings."""
    alive = [memory for memory in memories if not is_forgotten(memory, now)]
    return sorted(alive, key=lambda each: -scores[each.id] * worth(each, now))


def worth(memory: MemoryView, now: datetime) -> float:
    """Return the factor by which a memory counts beside others that are as relevant."""
    days = max(0.0, (now - memory.saved_at).total_seconds() / 86_400)
    recent = 0.5 + 0.5 * math.exp2(-days / _HALF_LIFE)
    judged = memory.useful + memory.useless + 3 * memory.wrong
    rated = (1 + memory.useful) / (1 + judged) * (1 + 0.1 * min(memory.useful, 5))
    return recent * rated * _TYPES.get(memory.type, 1.0)
