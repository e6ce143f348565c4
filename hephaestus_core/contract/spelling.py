"""Suggestions for misspelt names: the known name nearest to an unknown name."""

import difflib
from collections.abc import Sequence
from typing import Final

#: Longer names are not compared, because that takes long.
_LONGEST: Final = 200


def nearest(name: str, known: Sequence[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name nearest to ``name``, or ``""``."""
    if len(name) > _LONGEST:
        return ""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""
