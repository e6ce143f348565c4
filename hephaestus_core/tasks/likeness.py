"""Whether two orders for a task mean the same work, by their words alone.

A false *yes* throws work away, while a false *no* only does it twice; so all names and numbers must
be the same, and most of the other words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Least share of the words of two orders that both have.
_LEAST: Final = 0.8

_WORD: Final = re.compile(r"\w+")
#: Within a word: a digit, or a sign that stands in names of files, functions and options.
_NAME_SIGN: Final = re.compile(r"[\d_/\\.:@#=<>$%]|[a-z][A-Z]")
_AROUND: Final = "`'\"()[]{}.,;:!?*"
_NEGATIONS: Final = frozenset({"no", "not", "never", "without", "except", "unless", "nothing"})


@dataclass(frozen=True)
class Wording:
    """The words of an order."""

    words: frozenset[str]
    decisive: frozenset[str]
    """Names, numbers and negations: with other ones it is other work."""


def wording(text: str) -> Wording:
    """Return the words of an order, in time linear in its length."""
    parts = (part.strip(_AROUND) for part in text.split())
    names = {part for part in parts if _NAME_SIGN.search(part)}
    words = frozenset(_WORD.findall(text.casefold()))
    return Wording(words, frozenset(names) | (words & _NEGATIONS))


def most_alike(order: str, others: Sequence[str]) -> int | None:
    """Return the position of the order that means the same; None: none does."""
    wanted = wording(order)
    shares = [_share(wanted, wording(other)) for other in others]
    best = max(shares, default=0.0)
    return shares.index(best) if best >= _LEAST else None


def _share(one: Wording, other: Wording) -> float:
    if one.decisive != other.decisive:
        return 0.0
    return len(one.words & other.words) / max(1, len(one.words | other.words))
