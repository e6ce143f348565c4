"""A term of a sentence."""

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
