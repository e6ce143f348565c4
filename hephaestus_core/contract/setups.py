"""The outcome of a command that made an agent's worktree ready."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, cast

#: Most characters of its output that are kept in the database.
OUTPUT_LIMIT: Final = 4096


@dataclass(frozen=True)
class SetUp:
    """A set-up that ran before an agent began."""

    command: str
    status: str
    """succeeded, failed or timed_out."""
    seconds: float
    exit_status: int | None = None
    """128 + N if signal N ended it; None if it did not end by itself."""
    output: str = ""
    """The end of what it printed."""
    contained: bool = False
    """Whether it ran in a sandbox, where it sees little of its user's home."""
    copied_from: str = ""
    """When the set-up ran whose result was copied, in ISO 8601; empty: the command itself ran."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as the database stores it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> "SetUp | None":
        """Return what is stored; None for nothing."""
        if stored is None:
            return None
        known = {field.name for field in fields(cls)}
        return cls(**cast("dict[str, Any]", {k: v for k, v in stored.items() if k in known}))
