"""What one text says and another does not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hephaestus_core.duplicates import decisive
from hephaestus_core.duplicates.terms import is_name

#: Most words that a reason quotes from each text, and most characters of each.
_QUOTED, _QUOTED_LENGTH = 3, 40


class Subject(Enum):
    """What a difference is about, in words for people."""

    NEGATION = "a negation"
    QUANTITY = "how many are meant"
    OPPOSITE = "a word and its opposite"
    TICKET = "the ticket"
    NUMBER = "a number or version"
    PATH = "a path or file"
    NAME = "a name from the code"
    PLATFORM = "the platform or language"
    WORDING = "the wording"


#: With another one of these it is other work.
DECISIVE: Final = frozenset(Subject) - {Subject.WORDING, Subject.QUANTITY}


@dataclass(frozen=True, slots=True)
class Difference:
    """Words that only one of two texts has.

    Args:
        subject: what they are about.
        one: those of the first text.
        other: those of the second text.
    """

    subject: Subject
    one: tuple[str, ...]
    other: tuple[str, ...]

    @property
    def decides(self) -> bool:
        """Whether this difference alone makes it other work."""
        if self.subject is Subject.NEGATION:
            return len(self.one) != len(self.other)
        return self.subject in DECISIVE and bool(self.one) and bool(self.other)

    def __str__(self) -> str:
        if self.subject is Subject.WORDING:
            return str(self.subject.value)
        return f"{self.subject.value} ({_quoted(self.one)} and {_quoted(self.other)})"


def differences(
    one: Iterable[str], other: Iterable[str], names: frozenset[str]
) -> tuple[Difference, ...]:
    """Return how the terms of two texts differ; the deciding differences come first."""
    ones, others = Counter(one), Counter(other)
    left, right = _only(ones, others), _only(others, ones)
    found: dict[Subject, tuple[list[str], list[str]]] = {}
    opposed = _opposed(left, right)
    for side, words in enumerate((left, right)):
        for word in words:
            subject = Subject.OPPOSITE if word in opposed else subject_of(word, names)
            found.setdefault(subject, ([], []))[side].append(word)
    return tuple(
        Difference(subject, tuple(found[subject][0]), tuple(found[subject][1]))
        for subject in Subject
        if subject in found
    )


def _only(words: Counter[str], others: Counter[str]) -> list[str]:
    """Return the words that others lack; a negation counts as often as it is said."""
    more = words - others
    return sorted(word for word in more if word in decisive.NEGATIONS or word not in others)


def _opposed(left: list[str], right: list[str]) -> set[str]:
    there = set(right)
    pairs = (
        (word, opposite) for word in left for opposite in decisive.OPPOSITES.get(word, frozenset())
    )
    return {word for pair in pairs if pair[1] in there for word in pair}


def subject_of(word: str, names: frozenset[str]) -> Subject:
    """Return the subject of a difference in this term."""
    if word in decisive.NEGATIONS:
        return Subject.NEGATION
    if word in decisive.QUANTITIES:
        return Subject.QUANTITY
    if _is_ticket(word):
        return Subject.TICKET
    if word.strip("<>=~v").replace(".", "").replace(":", "").isdigit():
        return Subject.NUMBER
    if "/" in word or (("." in word) and any(sign.isalpha() for sign in word)):
        return Subject.PATH
    if word.casefold() in decisive.PLATFORMS:
        return Subject.PLATFORM
    return Subject.NAME if is_name(word) or word in names else Subject.WORDING


def _is_ticket(word: str) -> bool:
    project, dash, number = word.rpartition("-")
    if dash:
        return project.isalnum() and project.isupper() and number.isdigit()
    return word[0] in "#!" and word[1:].isdigit()


def _quoted(words: tuple[str, ...]) -> str:
    if not words:
        return "nothing"
    shown = ", ".join(word[:_QUOTED_LENGTH] for word in words[:_QUOTED])
    return f"{shown}, …" if len(words) > _QUOTED else shown
