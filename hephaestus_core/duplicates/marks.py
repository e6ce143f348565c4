"""Marks: numbers that texts share which may ask for the same work.

A table of marks finds the texts worth a comparison at a cost that does not grow with the texts
stored: each mark is looked up in an index, and only the newest of its texts count.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from hephaestus_core.duplicates.differences import Subject, subject_of
from hephaestus_core.duplicates.meaning import FORMS
from hephaestus_core.duplicates.text import Text, flat, letters, said

#: Most marks of names, numbers and the like, which few other texts have.
_TELLING: Final = 4
#: Odd factors, one per mark of the other words: each orders the words in another way, and the least
#: word is the mark. Two texts share it with the probability of their share of common words.
_FACTORS: Final = (
    0x9E3779B97F4A7C15,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0xD6E8FEB86659FD93,
    0xA0761D6478BD642F,
    0xE7037ED1A0B428DB,
)
_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a text, each a signed number of 64 bits.

    Args:
        whole: texts that the rules judge the same share one of these, but for rare cases.
        parts: the more of these two texts share, the more alike they are.
    """

    whole: tuple[int, ...]
    parts: tuple[int, ...]


def marks(text: Text, scope: str) -> Marks:
    """Return the marks of a text; those of another scope differ."""
    told = {to_end: said(text, frozenset(), to_end=to_end) for to_end in (True, False)}
    whole = {
        _mark(scope, "whole", "".join(letters(clauses)).casefold()) for clauses in told.values()
    }
    words = frozenset(flat(said(text, text.names, to_end=True), FORMS[0]))
    telling = {word for word in words if subject_of(word, text.names) is not Subject.WORDING}
    return Marks(
        tuple(sorted(whole)),
        tuple(
            _mark(scope, "part", part) for part in (*_some(telling), *_least_of(words - telling))
        ),
    )


def _some(words: Collection[str]) -> list[str]:
    """Return a few words, the same ones for the same words, in whatever order they stand."""
    return sorted(words, key=_hash)[:_TELLING]


def _least_of(words: Collection[str]) -> Iterator[str]:
    """Yield one word per factor, with the factor's number."""
    hashed = {_hash(word): word for word in words}
    if hashed:
        for number, factor in enumerate(_FACTORS):
            yield f"{number} {hashed[_least(hashed, factor)]}"


def _least(hashes: Iterable[int], factor: int) -> int:
    return min(hashes, key=lambda value: value * factor % (1 << _BITS))


def _mark(*parts: str) -> int:
    return int.from_bytes(_digest("\0".join(parts)), "big", signed=True)


def _hash(word: str) -> int:
    return int.from_bytes(_digest(word), "big")


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=_BITS // 8).digest()
