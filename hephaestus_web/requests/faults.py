"""Refusals of requests with several faults: the first ones are told."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import NAME_LIMIT

#: Most faults that a refusal tells.
MOST_FAULTS: Final = 20


def refusal_of(faults: Iterator[tuple[str, str]]) -> InvalidInput:
    """Return the refusal for (field, message) pairs; of more than a few, the rest is not made.

    ``field`` is the first fault's, ``errors`` lists all that are told.
    """
    told = [(field[:NAME_LIMIT], text) for field, text in islice(faults, MOST_FAULTS)]
    more = "" if next(faults, None) is None else " There are more faults."
    return InvalidInput(
        " ".join(f"'{field}': {text}" for field, text in told) + more,
        field=told[0][0],
        details={"errors": [{"field": field, "detail": text} for field, text in told]},
    )
