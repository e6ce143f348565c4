"""A term of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    NAME = "name"
    """Code, a number, a path or another name: as written."""
    WORD = "word"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Term:
    text: str
    kind: Kind
    pause: bool = False
    raw: str = ""
    """The word in lower case."""
    stops: bool = False
    """A verb of state followed, which is left out."""

    @property
    def is_content(self) -> bool:
        return self.kind is not Kind.LINK


def end_of_run(terms: Sequence[Term], at: int) -> int:
    """Return the end of the words from ``at`` on that no link and no punctuation divides."""
    while at < len(terms) and terms[at].is_content:
        at += 1
        if terms[at - 1].pause or terms[at - 1].stops:
            break
    return at
