"""State machines: tables of the edges that there are; every other one is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from hephaestus_core.contract.errors import TransitionRefused
from hephaestus_core.contract.statuses import Described

Status = TypeVar("Status", bound=Described)


@dataclass(frozen=True)
class Machine(Generic[Status]):
    """The edges between the statuses of one kind of thing.

    Args:
        noun: what it is called in refusals.
        begins: the statuses that a new one may have, each with the reason.
        edges: (status before, status after) → what happened.
    """

    noun: str
    begins: Mapping[Status, str]
    edges: Mapping[tuple[Status, Status], str]

    def allows(self, before: Status, after: Status) -> bool:
        """Say whether the table has the edge."""
        return (before, after) in self.edges

    def after(self, before: Status) -> set[Status]:
        """Return the statuses that may follow one."""
        return {end for start, end in self.edges if start == before}

    def check(self, identity: object, before: Status, after: Status) -> None:
        """Return if the table has the edge.

        Raises:
            TransitionRefused: it has not.
        """
        if not self.allows(before, after):
            raise TransitionRefused(
                f"{self.noun} {identity} is {before} and cannot become {after}.",
                details={"id": str(identity), "from": before, "to": after},
            )
