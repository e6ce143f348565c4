"""The situation that rules judge, and the form of a rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import Act, Label, Look

_LONGEST_LINE = 300


@dataclass(frozen=True)
class Situation:
    """A history of looks, oldest first, at least one."""

    history: Sequence[Look]
    limits: Limits
    program: str

    @property
    def last(self) -> Look:
        return self.history[-1]

    @property
    def age(self) -> float:
        """Seconds since the start, as far as is known."""
        start = self.last.started_at
        return self.last.at - (self.history[0].at if start is None else start)


@dataclass(frozen=True)
class Finding:
    """The finding of a rule at the last look."""

    label: Label
    act: Act
    evidence: tuple[str, ...]
    until: float | None = None


@dataclass(frozen=True)
class Rule:
    """One rule; the first one that finds something decides."""

    name: str
    reason: str
    """Why the rule exists, in one sentence."""
    threshold: str
    settings: tuple[str, ...]
    """Fields of ``Limits`` that it reads."""
    find: Callable[[Situation], Finding | None]


def lines(*texts: str) -> tuple[str, ...]:
    """Return the texts as evidence, each bounded."""
    return tuple(text.strip()[:_LONGEST_LINE] for text in texts if text.strip())
