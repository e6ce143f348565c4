"""What the API tells of the models that the system itself asks."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class LlmKind:
    """Whether one kind of call can be made."""

    kind: str
    usable: bool = False
    outcome: str | None = None
    """What a call would come to without being sent; None: it would be sent."""
    detail: str = ""
    provider: str | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True)
class LlmState:
    """Whether the system can ask models, and what all calls have used."""

    usable: bool = False
    """Whether any kind of call can be made."""
    kinds: tuple[LlmKind, ...] = ()
    tokens_per_hour: int = 0
    tokens_per_workflow: int = 0
    tokens_in_last_hour: int = 0
    """Sent, received, and reserved by calls under way."""
    dollars_in_last_hour: float = 0.0
    """As far as prices are known."""
    calls_in_last_hour: dict[str, int] = field(default_factory=dict)
    """By outcome."""


@dataclass(frozen=True, kw_only=True)
class LlmTrial:
    """The outcome of a tiny call to one model."""

    provider: str
    model: str
    outcome: str
    """``answered``, or the code of what went wrong."""
    detail: str = ""
    seconds: float = 0.0
