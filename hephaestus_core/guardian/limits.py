"""Thresholds of the rules. Each field names its unit; None: no limit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Thresholds of the rules; durations are in seconds."""

    start: float = 60
    """A program shows a sign of its prompt by then."""
    start_kill: float = 180
    """One without such a sign is ended after as long: on a busy machine a large one takes over a
    minute to come up."""
    silence: float = 300
    """Without output, tool call, token and change on disk, it counts as hung."""
    silence_kill: float = 900
    """As long before a hung program is restarted."""
    command: float = 3600
    """One command may run as long."""
    background: float = 1800
    """An agent at its prompt may wait as long for its own background command."""
    minimum_age: float = 60
    """Nothing younger is ended."""
    refused_age: float = 5
    """With a refused key, or a limit whose end is known, nothing younger is."""
    dialog: float = 5
    """A dialog on a screen stands as long: its program may still answer it by itself."""
    frozen: float = 60
    """A program whose own timer stands still as long is hung."""
    repeats: int = 5
    """As many equal calls in a row are a loop."""
    circle: int = 8
    """As many calls in a circle without change on disk are a loop."""
    calls_without_change: int = 40
    """As many calls without change on disk are told to a person."""
    unknown_looks: int = 3
    """As many looks that see nothing are told to a person."""
    children: int = 20
    """An agent may create as many tasks."""
    age: float | None = None
    turns: int | None = None
    tokens: int | None = None
    cost: float | None = None
    """US dollars."""

    @property
    def bound_attempts(self) -> bool:
        """Whether an attempt may use only so much of anything."""
        return any(each is not None for each in (self.age, self.turns, self.tokens, self.cost))
