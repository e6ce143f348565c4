"""Refusals that name all faults of an input at once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from hephaestus_core.contract.errors import HephaestusError, InvalidInput, RepositoryError

#: Most faults that one refusal tells.
MOST_FAULTS: Final = 20


class SeveralFaults(InvalidInput):
    """Several values are wrong; ``details["errors"]`` tells the field and the message of each.

    Args:
        faults: all of them; the first ones are told.
    """

    def __init__(self, faults: Sequence[HephaestusError]) -> None:
        told = list(faults[:MOST_FAULTS])
        more = " There are more faults." if len(faults) > len(told) else ""
        super().__init__(
            " ".join(fault.message for fault in told) + more,
            field=told[0].field,
            details={"errors": [{"field": each.field, "detail": each.message} for each in told]},
        )
        self.faults = told


class Faults:
    """Collects refusals, so that a person corrects an input once."""

    def __init__(self) -> None:
        self.found: list[HephaestusError] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the refusal of an input within the block instead of raising it."""
        try:
            yield
        except (InvalidInput, RepositoryError) as fault:
            self.found += each_of(fault)

    def refuse(self) -> None:
        """Return if nothing was noted.

        Raises:
            HephaestusError: the one fault, or :class:`SeveralFaults`.
        """
        if len(self.found) > 1:
            raise SeveralFaults(self.found)
        if self.found:
            raise self.found[0]


def each_of(fault: HephaestusError) -> list[HephaestusError]:
    """Return the faults that a refusal tells, one by one."""
    return fault.faults if isinstance(fault, SeveralFaults) else [fault]
