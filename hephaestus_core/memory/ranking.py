"""Which memories answer a question, best first: functions of values.

Each way of searching makes a ranking of its own; only their orders are fused.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from types import MappingProxyType
from typing import Final
from uuid import UUID

from hephaestus_core.contract.statuses import MemoryType
from hephaestus_core.memory.rules import MemoryView

#: Terms of a question that count at all, the rarest ones.
_MOST_TERMS: Final = 24
#: Weight of an everyday word at most; a word that one memory alone has weighs 1.
_EVERYDAY: Final = 0.42
#: Weight of a word of the question of whose subject a memory has another word.
_KINDRED: Final = 0.25
#: Least weight of the words that a memory of the usual length shares with a question: a little
#: more than that of one word which no other memory has.
_LEAST_WEIGHT: Final = 1.02
#: Terms of a memory of the usual length.
_USUAL_MEMORY: Final = 17
#: Least length that counts, as a share of the usual one.
_SHORT: Final = 0.6
#: Digits of numbers that tell as little as everyday words.
_DIGITS: Final = 2
#: Share of the weight of a short question with which a memory answers it all the same.
_MOST_OF_IT: Final = 0.6
#: Least weight of the names that a memory shares with a question.
_LEAST_NAMES: Final = 0.5
#: Least similarity of a memory that neither words nor names lead to, and by how much it exceeds
#: that of the usual one among the near ones, if these are more than a few.
_LEAST_NEAR: Final = 0.5
_STANDS_OUT: Final = 0.15
_FEW: Final = 4
#: The constant of reciprocal rank fusion. It is low, since few memories get above the floor: with
#: the usual 60 a little age would outweigh several places.
_FUSION: Final = 10
#: Days after which a memory has lost half of what age takes from it, which is half of its score.
_HALF_LIFE: Final = 45

_TYPES: Final[Mapping[MemoryType, float]] = {MemoryType.ERROR_FIX: 1.05, MemoryType.WARNING: 1.05}


@dataclass(frozen=True)
class Hit:
    """A memory that has some of the terms of a question."""

    id: UUID
    terms: Sequence[str]
    size: int = _USUAL_MEMORY
    """All terms of the memory."""


def telling(
    shares: Mapping[str, float], everyday: frozenset[str] = frozenset()
) -> dict[str, float]:
    """Return the terms of a question that tell most, rarest first; the others are not looked at.

    Args:
        shares: by term, the share of all memories that have it, as far as the database knows.
        everyday: terms that come last.
    """
    ordered = sorted(shares, key=lambda term: (term in everyday, shares[term], -len(term), term))
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


def weights(
    hits: Sequence[Hit],
    shares: Mapping[str, float],
    rows: int,
    everyday: frozenset[str] = frozenset(),
) -> dict[str, float]:
    """Return what each term of a question tells: 1 if one memory alone has it, 0 if all have it.

    Args:
        hits: found by any of the terms.
        shares: by each term of the question, the share of memories that have it.
        rows: all memories, about.
        everyday: terms that tell little, however rare they are here.
    """
    counted = Counter(term for hit in hits for term in hit.terms)
    whole = max(rows, len(hits), 1)
    return {
        term: min(
            _EVERYDAY if term in everyday or _is_small_number(term) else 1.0,
            math.log1p(whole / max(counted[term], share * whole, 1)) / math.log1p(whole),
        )
        for term, share in shares.items()
    }


def _is_small_number(term: str) -> bool:
    return term.isdecimal() and len(term) <= _DIGITS


def kindred(terms: Iterable[str], groups: Sequence[Collection[str]]) -> dict[str, frozenset[str]]:
    """Return the other words of the same subjects, by the terms of a question that have some."""
    asked = frozenset(terms)
    found = {
        term: frozenset(word for group in groups if term in group for word in group) - asked
        for term in asked
    }
    return {term: words for term, words in found.items() if words}


def by_words(
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    kindred: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> list[UUID]:
    """Return the memories that share enough with a question, best first.

    A long memory shares some words with any question.

    Args:
        hits: found by terms of the question; they may have words of the same subjects too.
        weights: of the question's terms.
        kindred: by term, other words of its subject.
    """
    most = _MOST_OF_IT * sum(weights.values())
    scores = {}
    for hit in hits:
        shared = _shared(frozenset(hit.terms), weights, kindred)
        score = shared / math.sqrt(max(hit.size / _USUAL_MEMORY, _SHORT))
        if score >= _LEAST_WEIGHT or shared >= most:
            scores[hit.id] = score
    return sorted(scores, key=lambda id_: -scores[id_])


def _shared(
    words: frozenset[str],
    weights: Mapping[str, float],
    kindred: Mapping[str, frozenset[str]],
) -> float:
    """Return the weight of the terms that a memory has itself, or by a word of their subject."""
    near = sum(
        term not in words and not others.isdisjoint(words) for term, others in kindred.items()
    )
    return sum(weights[word] for word in words if word in weights) + _KINDRED * near


def by_names(hits: Sequence[Hit], weights: Mapping[str, float]) -> list[UUID]:
    """Return the memories that share a telling name with a question, best first."""
    scores = {hit.id: sum(weights[term] for term in hit.terms) for hit in hits}
    return sorted(
        (id_ for id_, score in scores.items() if score >= _LEAST_NAMES),
        key=lambda id_: -scores[id_],
    )


def by_meaning(near: Sequence[tuple[UUID, float]], known: Collection[UUID]) -> list[UUID]:
    """Return the memories that are near to a question, nearest first.

    Of those that neither words nor names have led to, it takes only what stands out from all that
    is near: some embedders make any two texts rather similar.

    Args:
        near: with their cosine similarities, nearest first.
        known: memories that words or names have led to.
    """
    usual = median([score for _, score in near]) if len(near) > _FEW else 0.0
    least = max(_LEAST_NEAR, usual + _STANDS_OUT)
    return [id_ for id_, score in near if id_ in known or score >= least]


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
    known = [memory for memory in memories if memory.forgotten_at is None]
    return sorted(known, key=lambda each: -scores[each.id] * worth(each, now))


def worth(memory: MemoryView, now: datetime) -> float:
    """Return the factor by which a memory counts beside others that are as relevant."""
    days = max(0.0, (now - memory.saved_at).total_seconds() / 86_400)
    recent = 0.5 + 0.5 * math.exp2(-days / _HALF_LIFE)
    judged = memory.useful + memory.useless + 3 * memory.wrong
    rated = (1 + memory.useful) / (1 + judged) * (1 + 0.1 * min(memory.useful, 5))
    return recent * rated * _TYPES.get(memory.type, 1.0)
