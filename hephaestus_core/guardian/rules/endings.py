"""Rules about programs that are gone."""

from hephaestus_core.guardian.observation import Act, Alive, Label
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines


def reported(situation: Situation) -> Finding | None:
    """Find an agent that has reported its task; its host ends it."""
    if not situation.last.reported:
        return None
    return Finding(Label.WORKING, Act.LEAVE, ("its task is reported",))


def died(situation: Situation) -> Finding | None:
    """Find a program that is known to be gone; an unknown one is left alone."""
    if situation.last.process is not Alive.NO:
        return None
    end = (situation.last.screen or "").rstrip().rpartition("\n")[2]
    return Finding(Label.DEAD, Act.RESTART, lines("process or session is gone", end))
