"""Which of several texts says what a new one says.

Less is asked for than of a duplicate: the names, numbers and negations have to be the same, but of
the other words only most. So an agent that begins its task again repeats its orders, and a memory
is saved twice.
"""

from collections.abc import Sequence
from typing import Final

from hephaestus_core.duplicates.differences import DECISIVE
from hephaestus_core.duplicates.judge import Answer, Verdict, judge
from hephaestus_core.duplicates.text import read

#: Least share of the words of two texts that both have.
_LEAST: Final = 0.8


def most_alike(text: str, others: Sequence[str]) -> int | None:
    """Return the position of the text that says the same; None: none does."""
    wanted = read(text)
    shares = [_share(judge(wanted, read(other))) for other in others]
    best = max(shares, default=0.0)
    return shares.index(best) if best >= _LEAST else None


def _share(verdict: Verdict) -> float:
    if verdict.answer is Answer.DIFFERENT:
        return 0.0
    decisive = any(difference.subject in DECISIVE for difference in verdict.differences)
    return 0.0 if decisive else verdict.share
