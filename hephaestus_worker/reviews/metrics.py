"""A number in the output of a measurement."""

import math
import re
from typing import Final

_NUMBER: Final = re.compile(
    r"[-+]?(?:\d{1,3}(?:,\d{3})++(?![\d,])(?:\.\d++)?|\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d{1,3}+)?"
)
#: Characters after a metric's name in which its number must begin.
_NEAR: Final = 200


def read(output: str, metric: str) -> float | None:
    """Return the number after the last mention of the metric; None if there is none.

    Args:
        metric: the text before the number; if empty, the last number of the output counts.
    """
    if metric:
        at = output.rfind(metric)
        after = "" if at < 0 else output[at + len(metric) :]
        found = _NUMBER.search(after)
        found = None if found is None or found.start() > _NEAR else found
    else:
        found = None
        for found in _NUMBER.finditer(output):  # noqa: B007 - the last one counts
            pass
    number = math.nan if found is None else float(found[0].replace(",", ""))
    return number if math.isfinite(number) else None


def holds(number: float, operator: str, threshold: float) -> bool:
    """Say whether the number is ``<=`` or ``>=`` the threshold."""
    return number <= threshold if operator == "<=" else number >= threshold
