"""The outcomes of checks, as hosts find them and reviews keep them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

#: Most characters of output that an outcome keeps: the last ones.
OUTPUT_LIMIT: Final = 4096

CheckStatus = Literal["passed", "failed", "error"]


@dataclass(frozen=True)
class CheckOutcome:
    """What a host found when it ran one check on one commit."""

    check_type: str
    name: str
    """The check as a person would name it."""
    status: CheckStatus
    """An error means that the check could not be run; ``says`` has the reason."""
    says: str = ""
    """The finding and the remedy, for the agent whose work it is. If it passed: empty, or what it
    lets pass."""
    seconds: float = 0.0
    exit_status: int | None = None
    """That of the command, 128 + N after signal N; None without one, or if it was ended."""
    command: str = ""
    output: str = ""
    """The end of the command's output."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CheckOutcome":
        """Build from the JSON shape."""
        return cls(**data)
