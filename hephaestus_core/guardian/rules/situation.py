"""The situation that rules judge, and the form of a rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import Act, Label, Look, Since
from hephaestus_core.guardian.rules.comparing import screen_of, state_of
from hephaestus_core.guardian.rules.lasting import since_when
from hephaestus_core.guardian.screens.screen import Screen, State

_LONGEST_LINE = 300


@dataclass(frozen=True)
class Situation:
    """A history of looks, oldest first, at least one, as :func:`all_followed` returns it."""

    history: Sequence[Look]
    limits: Limits
    program: str

    @property
    def last(self) -> Look:
        return self.history[-1]

    @cached_property
    def since(self) -> Since:
        """Since when things are as the newest look shows them."""
        return self.last.since or since_when(None, self.last, self.program)

    @property
    def screen(self) -> Screen:
        """The reading of the newest screen."""
        return self.screen_of(self.last)

    @property
    def state(self) -> State | None:
        """The program's state; its own signal counts before its screen."""
        return self.state_of(self.last)

    @property
    def age(self) -> float:
        """Seconds since the start, as far as is known."""
        start = self.last.started_at
        return self.last.at - (self.since.first if start is None else start)

    @property
    def silence(self) -> float:
        """Seconds since anything moved that does not move by itself."""
        # A program that has shown nothing since its prompt has been silent for its whole turn.
        bare = self.screen.bare and self.since.moved == self.since.first
        return max(self.lasts(self.since.moved), float((bare and self.screen.timer) or 0))

    def screen_of(self, look: Look) -> Screen:
        return screen_of(look, self.program)

    def state_of(self, look: Look) -> State | None:
        return state_of(look, self.program)

    def lasts(self, since: float | None) -> float:
        """Return for how many seconds something is so; 0 if it is not."""
        return 0.0 if since is None else self.last.at - since

    def row(self, holds: Callable[[Look], bool]) -> Sequence[Look]:
        """Return the newest looks for which this holds without a gap, oldest first."""
        count = 0
        while count < len(self.history) and holds(self.history[-1 - count]):
            count += 1
        return self.history[len(self.history) - count :]


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
