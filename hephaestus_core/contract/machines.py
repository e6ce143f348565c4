"""State machines: tables of the allowed transitions; every other transition is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from hephaestus_core.contract.errors import TransitionRefused
from hephaestus_core.contract.statuses import Described

Status = TypeVar("Status", bound=Described)


@dataclass(frozen=True)
class Machine(Generic[Status]):
    """The transitions between the statuses of one kind of thing.

    Args:
        noun: the kind's name in error messages.
        begins: the initial statuses, each with its reason.
        edges: the transitions: (status before, status after) → the reason.
    """

    noun: str
    begins: Mapping[Status, str]
    edges: Mapping[tuple[Status, Status], str]

    def allows(self, before: Status, after: Status) -> bool:
        """Return whether the table has the transition."""
        return (before, after) in self.edges

    def after(self, before: Status) -> set[Status]:
        """Return the statuses that may follow ``before``."""
        return {end for start, end in self.edges if start == before}

    def check(self, identity: object, before: Status, after: Status) -> None:
        """Check that the table has the transition.

        Raises:
            TransitionRefused: the table does not have it.
        """
        if not self.allows(before, after):
            raise TransitionRefused(
                f"{self.noun} {identity} is {before} and cannot become {after}.",
                details={"id": str(identity), "from": before, "to": after},
            )
