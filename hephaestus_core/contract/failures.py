"""Classes of failure, by what may follow."""

from enum import StrEnum
from typing import Final


class FailureClass(StrEnum):
    """What may follow a failure."""

    TRANSIENT = "transient"
    """The same again, later, may work."""
    QUOTA = "quota"
    """Nothing will work until a limit is reset or paid for."""
    AGENT_FAULT = "agent_fault"
    """The agent went wrong; a fresh one may do better."""
    PERMANENT = "permanent"
    """A person has to change something first."""


#: In the order in which a screen is searched for their signs.
FAILURE_CLASSES: Final = (
    FailureClass.QUOTA,
    FailureClass.PERMANENT,
    FailureClass.AGENT_FAULT,
    FailureClass.TRANSIENT,
)
