"""Classes of failure, by the remedy."""

from enum import StrEnum
from typing import Final


class FailureClass(StrEnum):
    """The remedy of a failure."""

    TRANSIENT = "transient"
    """A later retry may succeed."""
    HOST = "host"
    """The host failed, not the work: its disk, git or tmux, or its way to the origin. Another host
    may succeed, or this one later."""
    QUOTA = "quota"
    """A retry succeeds only once a limit is reset or paid for."""
    AGENT_FAULT = "agent_fault"
    """The agent made a mistake; a new one may do better."""
    PERMANENT = "permanent"
    """A person has to change something first."""


#: The order in which adapters search a screen for failures; a screen shows none of the host's own.
FAILURE_CLASSES: Final = (
    FailureClass.QUOTA,
    FailureClass.PERMANENT,
    FailureClass.AGENT_FAULT,
    FailureClass.TRANSIENT,
)
