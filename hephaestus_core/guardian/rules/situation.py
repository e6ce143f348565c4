"""The situation that rules judge, and the form of a rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import Act, Label, Look, Signal
from hephaestus_core.guardian.screens.reading import read
from hephaestus_core.guardian.screens.screen import Screen, State

_LONGEST_LINE = 300
_STATES = {Signal.BUSY: State.BUSY, Signal.IDLE: State.IDLE, Signal.ASKS: State.ASKS}


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
        return self.last.at - (self.history[0].at if start is None else start)

    @cached_property
    def silence(self) -> float:
        """Seconds since anything moved that does not move by itself."""
        moved = self.history[0]
        for earlier, later in zip(self.history, self.history[1:], strict=False):
            if self.moved(earlier, later):
                moved = later
        observed = self.last.at - moved.at
        # A program that has shown nothing since its prompt has been silent for its whole turn.
        own = self.screen.timer if self.screen.bare and moved is self.history[0] else None
        return max(observed, float(own or 0))

    def screen_of(self, look: Look) -> Screen:
        return read(self.program, look.screen) if look.screen is not None else Screen()

    def state_of(self, look: Look) -> State | None:
        return _STATES[look.signal] if look.signal else self.screen_of(look).state

    def moved(self, earlier: Look, later: Look) -> bool:
        """Whether a call, token, change on disk or new words lie between two looks."""
        facts = ("tool_calls", "input_tokens", "output_tokens", "turns")
        if any(differ(earlier, later, name) for name in facts) or changed(earlier, later):
            return True
        before, after = self.screen_of(earlier), self.screen_of(later)
        # A message changes the screen of a program that hangs as well.
        own = before.said != after.said and not differ(earlier, later, "typed")
        return own or before.streamed != after.streamed

    def row(self, holds: Callable[[Look], bool]) -> Sequence[Look]:
        """Return the newest looks for which this holds without a gap, oldest first."""
        count = 0
        while count < len(self.history) and holds(self.history[-1 - count]):
            count += 1
        return self.history[len(self.history) - count :]

    def lasts(self, holds: Callable[[Look], bool]) -> float:
        """Return for how many seconds this has held at each look."""
        row = self.row(holds)
        return self.last.at - row[0].at if row else 0.0


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


def differ(earlier: Look, later: Look, name: str) -> bool:
    """Whether both looks know the fact, and it is another one."""
    before, after = getattr(earlier, name), getattr(later, name)
    return before is not None and after is not None and before != after


def changed(earlier: Look, later: Look) -> bool:
    """Whether the worktree is known to be another one."""
    return any(
        differ(earlier, later, name) for name in ("changed_files", "commits", "worktree_digest")
    )


def lines(*texts: str) -> tuple[str, ...]:
    """Return the texts as evidence, each bounded."""
    return tuple(text.strip()[:_LONGEST_LINE] for text in texts if text.strip())
