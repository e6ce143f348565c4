"""Views of costs: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class SpendingRow:
    """What was used on a day, in UTC, in a workflow or of a model."""

    key: str = ""
    """The day, the id of the workflow or the name of the model; empty: it is not known."""
    title: str | None = None
    """Of the workflow."""
    deleted: bool = False
    """It is about a workflow that was deleted; the title says so too."""
    turns: int = 0
    """Answers of models to agents."""
    input_tokens: int = 0
    """Without those of the cache."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0
    dollars: float = 0.0
    """As far as prices are known."""
    unpriced_tokens: int = 0
    """Tokens of models whose price is not known; they are not in ``dollars``."""


@dataclass(frozen=True, kw_only=True)
class OwnCalls:
    """The calls of the system itself to models, beside those of agents."""

    calls: int = 0
    tokens: int = 0
    dollars: float = 0.0
    unpriced_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Spending:
    """What models have cost since the beginning of a day, in UTC."""

    since: datetime | None = None
    total: SpendingRow = field(default_factory=SpendingRow)
    rows: tuple[SpendingRow, ...] = ()
    own_calls: OwnCalls = field(default_factory=OwnCalls)
