"""When a model is to judge an agent again: pure decisions about what has changed."""

from typing import Final

from hephaestus_core.guardian.observation import Label
from hephaestus_core.trajectories.rules import Seen

#: Seconds between two judgements on an agent that has only gone on.
PAUSE: Final = 180.0
#: Seconds between two judgements on an agent that is in trouble or was told something.
SHORT_PAUSE: Final = 60.0

#: Verdicts of the rules on which a model is heard at once.
_TROUBLE: Final = frozenset({Label.FAILING, Label.LOOPING})
#: Verdicts with which a judgement is of use; the others leave nothing open, or nothing to read.
_OPEN: Final = _TROUBLE | {Label.WORKING, Label.LONG_COMMAND, Label.IDLE, Label.DRIFTING}


def is_due(before: Seen | None, now: Seen, *, seconds: float) -> bool:
    """Return whether the situation has changed in a way that a model should hear of.

    Args:
        before: the situation at the last judgement; None: there was none.
        seconds: since then, or since the agent began to work.
    """
    if now.verdict not in _OPEN or seconds < SHORT_PAUSE:
        return False
    if before is None:
        return bool(now.actions or now.said)
    if now.told != before.told:
        return True
    if now.verdict != before.verdict and now.verdict in _TROUBLE:
        return True
    return seconds >= PAUSE and _work(now) != _work(before)


def urgency(before: Seen | None, now: Seen, *, seconds: float) -> tuple[bool, bool, float]:
    """Return a key by which agents are asked about first where not all can be.

    Those in trouble come first, then those of whom no model has heard, or not for longest.
    """
    return now.verdict not in _TROUBLE, before is not None, -seconds


def _work(seen: Seen) -> tuple[object, ...]:
    return seen.actions, seen.action, seen.said, seen.commit
