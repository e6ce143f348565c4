"""What agents use: one turn as a program notes it, and sums of many."""

from dataclasses import dataclass, fields
from enum import StrEnum


@dataclass(frozen=True)
class Tokens:
    """Tokens by the way in which they are charged."""

    input_tokens: int = 0
    """Without those of the cache."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0

    @property
    def total(self) -> int:
        """Return the sum of all four."""
        return sum(getattr(self, name) for name in TOKENS)

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(*(getattr(self, name) + getattr(other, name) for name in TOKENS))


TOKENS = tuple(f.name for f in fields(Tokens))


@dataclass(frozen=True)
class Turn:
    """One answer of a model, as a program notes it; an agent may have written it."""

    key: str
    """The same at every reading, and of no other turn of the same task."""
    tokens: Tokens = Tokens()
    model: str | None = None
    cost: float | None = None
    """Dollars, if the program notes them."""


class PriceSource(StrEnum):
    """Where the price of a turn comes from."""

    SETTING = "setting"
    PROGRAM = "program"
    LIST = "list"


@dataclass(frozen=True)
class Spent:
    """The sum of many turns."""

    turns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0
    dollars: float = 0.0
    """As far as prices are known."""
    unpriced_tokens: int = 0
    """Tokens of models whose price is not known; they are not in ``dollars``."""
    models: tuple[str, ...] = ()
    """The models that the programs chose, by name."""

    @property
    def tokens(self) -> int:
        """Return all tokens together."""
        return sum(getattr(self, name) for name in TOKENS)
