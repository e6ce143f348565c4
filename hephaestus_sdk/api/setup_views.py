"""Views of the set-up of agents' worktrees."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SetUp:
    """A command that made an agent's worktree ready before the agent began."""

    command: str
    status: str = ""
    """succeeded, failed or timed_out."""
    seconds: float = 0.0
    exit_status: int | None = None
    output: str = ""
    """The end of what it printed."""
    contained: bool = False
    """Whether it ran in a sandbox, where it sees little of its user's home."""
    copied_from: str = ""
    """When the set-up ran whose result was copied, in ISO 8601; empty: the command itself ran."""
