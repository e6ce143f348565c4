"""The verdict on an agent: the first rule that finds something decides."""

from collections.abc import Sequence
from typing import Final

from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import KILLS, Act, Label, Look, Signal, Verdict
from hephaestus_core.guardian.rules.lasting import all_followed
from hephaestus_core.guardian.rules.situation import Finding, Situation
from hephaestus_core.guardian.rules.table import RULES

LONGEST_HISTORY: Final = 32
"""Looks that are compared, the newest. What lasts is carried on beyond them."""
_CONFIRMATIONS: Final = 2


def assess(history: Sequence[Look], limits: Limits | None = None, program: str = "") -> Verdict:
    """Return the verdict at the newest look of a history, oldest look first.

    Looks before those of the history count if its own carry them on (``Look.since``).

    An act that ends the program or its turn is proposed only if two looks agree on the label and
    the program has the minimum age; until then the act is to leave it alone. A question needs two
    looks some seconds apart, unless the program itself says that it asks.

    Raises:
        ValueError: the history is empty.
    """
    if not history:
        raise ValueError("A verdict needs at least one look.")
    chosen = limits or Limits()
    recent = all_followed(history, program)[-LONGEST_HISTORY:]
    newest = Situation(recent, chosen, program)
    name, found = _find(newest)
    # Nothing is done about most agents, so nobody asks since when it is so.
    left = found.act is Act.LEAVE
    agreeing = 1 if left else _agreeing(recent, chosen, program, found.label)
    # No answer can come before the end of a limit that is known, and none with a refused key.
    stands = name == "key_refused" or (found.label is Label.LIMITED and found.until is not None)
    least = chosen.refused_age if stands else chosen.minimum_age
    certain = agreeing >= _CONFIRMATIONS and newest.age >= least
    if found.act is Act.ASK:
        certain = recent[-1].signal is Signal.ASKS or _stands(recent[-agreeing:], chosen)
    unsure = found.act in KILLS | {Act.ASK} and not certain
    act = Act.LEAVE if unsure else found.act
    since = recent[-agreeing].at
    return Verdict(
        found.label, name, act, found.evidence, since, found.until, agreeing, newest.silence
    )


def _find(situation: Situation) -> tuple[str, Finding]:
    for rule in RULES:
        if found := rule.find(situation):
            return rule.name, found
    return "working", Finding(Label.WORKING, Act.LEAVE, ())


def _stands(looks: Sequence[Look], limits: Limits) -> bool:
    """Whether a dialog that only screens show is one that nobody but a person answers.

    Parking ends the program too, and an agent may print what looks like a dialog.
    """
    return len(looks) >= _CONFIRMATIONS and looks[-1].at - looks[0].at >= limits.dialog


def _agreeing(recent: Sequence[Look], limits: Limits, program: str, label: Label) -> int:
    """Return how many of the newest looks, one after the other, give this label."""
    for count in range(1, len(recent)):
        earlier = Situation(recent[: len(recent) - count], limits, program)
        if _find(earlier)[1].label is not label:
            return count
    return len(recent)
