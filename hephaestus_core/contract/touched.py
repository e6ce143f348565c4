"""The lines of one file that a branch has changed, by which two branches are compared."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TouchedFile:
    """A file that a branch has changed, and the lines of its version before."""

    path: str
    blob: str
    """Id of the version before; branches are compared only if theirs is the same. Zeros: none."""
    ranges: Sequence[Sequence[int]]
    """First and last line of each change, in that version; both ends count."""
