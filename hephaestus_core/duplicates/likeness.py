"""Which of several texts says what a new one says.

Less is asked for than of a duplicate: the names, numbers and negations have to be the same, but of
the other words only most. So an agent that begins its task again repeats its orders, and a memory
is saved twice.
"""

from collections.abc import Sequence
from typing import Final

from hephaestus_core.duplicates.differences import DECISIVE
from hephaestus_core.duplicates.judge import Answer, judge
from hephaestus_core.duplicates.terms import spelled
from hephaestus_core.duplicates.text import Text, read

#: Least share of the words of two texts that both have.
_LEAST: Final = 0.8


def most_alike(text: str, others: Sequence[str]) -> int | None:
    """Return the position of the text that says the same; None: none does."""
    wanted = read(text)
    shares = [_share(wanted, read(other)) for other in others]
    best = max(shares, default=0.0)
    return shares.index(best) if best >= _LEAST else None


def _share(one: Text, other: Text) -> float:
    # Most of what is compared differs in these, and the judgement costs many times as much.
    if _paths_and_names(one) != _paths_and_names(other):
        return 0.0
    verdict = judge(one, other)
    if verdict.answer is Answer.DIFFERENT:
        return 0.0
    decisive = any(difference.subject in DECISIVE for difference in verdict.differences)
    return 0.0 if decisive else verdict.share


def _paths_and_names(text: Text) -> frozenset[str]:
    """Return words that are terms as they are written, and decide if one text alone has them."""
    return frozenset(
        spelled(word)
        for sentence in text.sentences
        for word in sentence.words
        if ("_" in word.text or "/" in word.text) and not word.text[:1].isdigit()
    )
